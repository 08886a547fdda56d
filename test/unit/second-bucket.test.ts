import { describe, expect, it } from "vitest";
import { planCluster, renderArchiveEnv, renderSecondEnv } from "../../cluster/index.ts";
import { specification } from "./specifications.ts";

const endpoint = "https://s3.example";
const ca = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";

function secondOf(backup: object) {
  return planCluster(specification({ backup })).archive.second;
}

describe("the second bucket", () => {
  it("differs from the first one by what is written", () => {
    const first = { endpoint, ca, region: "eu-central-1", bucket: "orders" };
    expect(secondOf({ ...first, second: { bucket: "copies" } })).toEqual({ ...first, bucket: "copies" });
    const far = { endpoint: "https://far.example/", region: "us-west-2" };
    expect(secondOf({ ...first, second: far })).toEqual({
      ...{ bucket: "orders", endpoint: "https://far.example", region: "us-west-2" },
    });
    expect(secondOf(first)).toBeUndefined();
  });

  it("has members copy what is archived, and without one nothing of it", () => {
    const variables = (backup: object) =>
      renderArchiveEnv(planCluster(specification({ backup })), "ab12cd34");
    const crontab = variables({ second: { endpoint } }).find(({ name }) => name === "CRONTAB");
    const [line, ...others] = JSON.parse(crontab?.value ?? "") as string[];
    expect(line).toMatch(/^(\* ){5}nice -n 10 python3 \/etc\/identity\/copy-archive >>/);
    expect(others).toEqual([]);
    expect(variables({ endpoint }).map(({ name }) => name)).not.toContain("CRONTAB");
  });

  it("has what opens it in a file of its own, with the prefix of the first one", () => {
    const plan = planCluster(specification({ name: "orders", backup: { second: { endpoint, ca } } }));
    const { second = expect.fail("there is none") } = plan.archive;
    const key = { accessKey: "copier", secretKey: "a=b=" };
    expect(renderSecondEnv(plan, second, "ab12cd34", key).split("\n")).toEqual([
      "WALG_S3_PREFIX=s3://orders-wal/spilo/orders/ab12cd34/wal/17",
      `AWS_ENDPOINT=${endpoint}`,
      "AWS_REGION=us-east-1",
      "AWS_S3_FORCE_PATH_STYLE=true",
      "WALG_S3_CA_CERT_FILE=/etc/identity/second-ca.crt",
      "USE_WALG_RESTORE=true",
      "AWS_ACCESS_KEY_ID=copier",
      "AWS_SECRET_ACCESS_KEY=a=b=",
      "",
    ]);
  });
});
