import { describe, expect, it } from "vitest";
import { type ClusterSpecInput, parseSpec, planCluster } from "../../cluster/index.ts";
import { onAws } from "./aws-specifications.ts";
import { refusalOf } from "./specifications.ts";

const vpc = {
  ...{ vpc: "vpc-0a1b2c3d", clients: ["10.1.0.0/16", "10.2.0.0/16"], operators: ["10.1.9.0/24"] },
  subnets: [{ id: "subnet-0a1b2c3d", cidr: "10.1.0.0/24" }],
};
const joined = (change: Partial<ClusterSpecInput> = {}) => onAws("a", { aws: vpc, ...change });
const followed = { cluster: "sales", host: "sales.example.org:5000" };

describe("another cluster's archive", () => {
  it("is that cluster's bucket at S3 in the same region, unless it is said to be elsewhere", () => {
    const { restoreFrom } = parseSpec(
      onAws("a", { backup: { bucket: "mine" }, restoreFrom: { cluster: "sales" } }),
    );
    expect(restoreFrom).toMatchObject({
      bucket: "sales-wal",
      region: "eu-central-1",
      endpoint: "https://s3.eu-central-1.amazonaws.com",
    });
    const { standbyOf } = parseSpec(
      onAws("a", {
        standbyOf: { cluster: "sales", incarnation: "aaaa", region: "eu-west-1", bucket: "copy" },
      }),
    );
    expect(standbyOf).toMatchObject({ bucket: "copy", endpoint: "https://s3.eu-west-1.amazonaws.com" });
  });

  it.each([
    [
      "in the bucket that is made",
      onAws("a", { restoreFrom: { cluster: "orders" } }),
      'restoreFrom.bucket: "orders-wal"',
      "Set backup.bucket to a name that is free",
    ],
    [
      "in the second bucket that is made",
      onAws("a", {
        restoreFrom: { cluster: "sales", region: "eu-west-1" },
        aws: { replica: { region: "eu-west-1", bucket: "sales-wal" } },
      }),
      'restoreFrom.bucket: "sales-wal"',
      "Set aws.replica.bucket to a name that is free",
    ],
    [
      "at S3 in another region than its bucket",
      onAws("a", { restoreFrom: { cluster: "sales", endpoint: "https://s3.eu-west-1.amazonaws.com" } }),
      "restoreFrom.endpoint",
      "Remove it, and set restoreFrom.region",
    ],
    [
      "at a port that nobody is let out to",
      onAws("a", {
        standbyOf: { cluster: "sales", incarnation: "aaaa", endpoint: "https://s3.example:9000" },
      }),
      "standbyOf.endpoint",
      "is at port 9000: members are let out to port 443",
    ],
    [
      "in clear",
      onAws("a", { restoreFrom: { cluster: "sales", endpoint: "http://s3.eu-central-1.amazonaws.com" } }),
      "restoreFrom.endpoint",
      "Write it with https",
    ],
  ])("%s is refused", (_title, written, path, remedy) => {
    const refusal = refusalOf(written);
    expect(refusal).toContain(path);
    expect(refusal).toContain(remedy);
    expect(refusal.match(/error {2}/g)).toHaveLength(1);
  });

  it("is refused at a port that there is none of, and taken at the one that is usual", () => {
    const at = (endpoint: string) => onAws("a", { restoreFrom: { cluster: "sales", endpoint } });
    expect(refusalOf(at("https://s3.example:99999"))).toContain("is at port 99999");
    expect(parseSpec(at("https://s3.example:443/")).restoreFrom?.endpoint).toBe("https://s3.example:443/");
  });

  it("may have the name of this cluster's bucket while it is not read", () => {
    expect(parseSpec(joined({ standbyOf: { ...followed, bucket: "orders-wal" } })).standbyOf).toBeDefined();
  });
});

/** The ways out of members that lead to other clusters. */
function waysOut(written: ClusterSpecInput) {
  const { aws } = planCluster(parseSpec(written));
  const members = aws?.groups.find(({ name }) => name === "members");
  return (members?.rules ?? [])
    .filter(({ why }) => why === "a cluster that is followed, or may be")
    .map(({ direction, port, party }) => [direction, port, party]);
}

describe("a cluster that follows on AWS, or is followed", () => {
  it("is let out to the addresses that it follows, and nowhere else", () => {
    const standbyOf = { cluster: "sales", host: "10.2.0.10,10.2.1.10:5001" };
    expect(waysOut(joined({ standbyOf }))).toEqual([
      ["out", 5001, { networks: ["10.2.0.10/32", "10.2.1.10/32"] }],
    ]);
    expect(waysOut(joined())).toEqual([]);
  });

  it("is let out to a port everywhere where a name is followed: security groups know none", () => {
    expect(waysOut(joined({ standbyOf: followed }))).toEqual([["out", 5000, { networks: ["0.0.0.0/0"] }]]);
  });

  it("has the way back before a promotion, to those that it lets in", () => {
    const ways = [["out", 5000, { networks: ["10.1.0.0/16", "10.2.0.0/16"] }]];
    expect(waysOut(joined({ endpoint: { standbys: true } }))).toEqual(ways);
    const both = joined({
      endpoint: { standbys: true },
      standbyOf: { cluster: "sales", host: "10.2.0.10:5000" },
    });
    expect(waysOut(both)).toEqual([
      ["out", 5000, { networks: ["10.1.0.0/16", "10.2.0.0/16", "10.2.0.10/32"] }],
    ]);
  });

  it("takes followers from the load balancer's subnets", () => {
    expect(planCluster(parseSpec(joined())).admission.followers).toEqual(["10.1.0.0/24"]);
    expect(planCluster(parseSpec(onAws("ab"))).admission.followers).toEqual([
      "10.90.7.128/28",
      "10.90.7.144/28",
    ]);
  });

  it("is refused where a network that is made has no way to the other one", () => {
    const refusal = refusalOf(onAws("a", { standbyOf: { cluster: "sales", host: "172.20.0.10:5000" } }));
    expect(refusal).toContain("172.20.0.10 is in another network");
    expect(refusal).toContain("Set aws.vpc and aws.subnets");
    const { standbyOf } = parseSpec(onAws("a", { standbyOf: followed }));
    expect(standbyOf?.host).toBe(followed.host);
  });
});

it("every word on a rule is one that AWS takes", () => {
  const { aws } = planCluster(parseSpec(joined({ endpoint: { standbys: true }, standbyOf: followed })));
  for (const { rules } of aws?.groups ?? []) {
    for (const { why } of rules) expect(why).toMatch(/^[a-zA-Z0-9 ._:/()#,@[\]+=&;{}!$*-]{1,255}$/);
  }
});
