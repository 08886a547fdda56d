import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { type NewStackOptions, newStack, nextSteps } from "../../actions/restore/new-stack.ts";
import { parseSpec, SpecError } from "../../cluster/index.ts";

const endpoint = "https://s3.eu-central-1.amazonaws.com";
const options: NewStackOptions = {
  name: "orders-2",
  found: {
    origin: {
      ...{
        cluster: "orders",
        incarnation: "1a2b3c4d",
        bucket: "orders-wal",
        region: "eu-central-1",
        endpoint,
      },
      ...{ postgresqlVersion: 17, target: { kind: "latest" } },
    },
  },
  store: { endpoint, region: "eu-central-1", accessKey: "" },
  isOwnServer: false,
};

describe("the configuration of a stack whose cluster is made from a bucket of S3", () => {
  it("is one on AWS where no key opened it, and asks for none", () => {
    const written = parse(newStack(options)).config["spilo:cluster"];
    expect(written).toEqual({
      ...{ name: "orders-2", platform: "aws", members: 1, postgresql: { version: 17 } },
      restoreFrom: { cluster: "orders", incarnation: "1a2b3c4d", latest: true, bucket: "orders-wal" },
      aws: { region: "eu-central-1" },
    });
    expect(nextSteps(options)).toEqual(["pulumi stack init orders-2", "pulumi up --stack orders-2"]);
  });

  it("wants added what no archive has, as its head says, and is accepted with that", () => {
    const text = newStack(options);
    const written = parse(text).config["spilo:cluster"];
    const missing = () => {
      try {
        return parseSpec(written).name;
      } catch (error) {
        return error instanceof SpecError ? error.issues.map(({ path }) => path) : error;
      }
    };
    const added = ["aws.ami", "aws.keyPair", "placement.zones[0].name", "resources.volume"];
    expect([missing()].flat().sort()).toEqual(added);
    for (const path of added) expect(text).toContain(path.replace("[0].name", ""));
    Object.assign(written.aws, { ami: "ami-0a1b2c3d", keyPair: "operators" });
    Object.assign(written, { resources: { volume: "100GB" }, placement: { zones: [{ name: "a" }] } });
    expect(missing()).toBe("orders-2");
  });

  it("is one on Docker where a key opened it", () => {
    const store = { ...options.store, accessKey: "reader" };
    const written = parse(newStack({ ...options, store })).config["spilo:cluster"];
    expect(written).not.toHaveProperty("platform");
    expect(written.backup).toMatchObject({ endpoint, bucket: "orders-wal" });
    expect(nextSteps({ ...options, store })).toContain(
      "pulumi config set --stack orders-2 spilo:s3AccessKey",
    );
  });
});
