import { describe, expect, it } from "vitest";
import type { Origin } from "../../cluster/index.ts";
import { onAws } from "../unit/aws-specifications.ts";
import { expectNoSecret, types } from "./aws-references.ts";
import { pairedSource } from "./paired-source.ts";
import { differing, ofType, openTexts, type Recorded, record } from "./recorder.ts";

const plain = onAws("ab", { members: 3 });
const restored = { ...plain, restoreFrom: { cluster: "sales", region: "eu-west-1" } };
const origin: Origin = {
  ...{ cluster: "sales", incarnation: "aaaa", bucket: "sales-wal", region: "eu-west-1" },
  ...{ endpoint: "https://s3.eu-west-1.amazonaws.com", postgresqlVersion: 17 },
  target: { kind: "latest" },
};

/** Resources of other clusters that a part may touch. */
function elsewhere(resources: readonly Recorded[], part: string): readonly string[] {
  const { Statement } = JSON.parse(String(ofType(resources, types.policy).get(part)?.["policy"]));
  const statements: { readonly Action: readonly string[]; readonly Resource: readonly string[] }[] =
    Statement;
  return statements.flatMap(({ Action, Resource }) =>
    Resource.filter((one) => one.includes("sales")).map((one) => `${Action} ${one}`),
  );
}

const files = (resources: readonly Recorded[], part: string) =>
  String(ofType(resources, types.version).get(`${part}-files`)?.["secretString"]);

describe("a cluster on AWS that begins from an archive", () => {
  it("has it looked for by who runs the update, and read by each member as the machine that it is", async () => {
    const { resources } = await record(restored, { origin });
    const [incarnation] = ofType(resources, "spilo:index:Incarnation").values();
    expect(incarnation?.["source"]).toMatchObject({
      archive: { cluster: "sales", bucket: "sales-wal", region: "eu-west-1", target: { kind: "latest" } },
      ...{ accessKey: "", secretKey: "" },
    });
    for (const part of ["orders-1-a", "orders-2-b", "orders-3-a"]) {
      expect(elsewhere(resources, part)).toEqual([
        "s3:GetObject arn:aws:s3:::sales-wal/spilo/sales/aaaa/wal/*",
        "s3:ListBucket arn:aws:s3:::sales-wal",
      ]);
      expect(files(resources, part)).toContain("WALG_S3_PREFIX=s3://sales-wal/spilo/sales/aaaa/wal/17");
      expect(files(resources, part)).not.toContain("AWS_ACCESS_KEY_ID");
    }
    expect(elsewhere(resources, "orders-etcd-1-a")).toEqual([]);
    expect(resources.find(({ name }) => name === "orders-ready")?.after).toContain("orders-restored");
    expectNoSecret(resources);
  });

  it("replaces nothing when the specification forgets it, and may read it no more", async () => {
    const [before, after] = [await record(restored, { origin }), await record(plain, { origin })];
    const changed = differing(before.resources, after.resources);
    const each = (type: string, end: string) =>
      ["1-a", "2-b", "3-a"].map((part) => `${type} orders-${part}${end}`);
    expect(changed).toEqual(
      [
        ...each(types.policy, ""),
        ...each(types.version, "-files"),
        "spilo:index:Restored orders-restored",
      ].sort(),
    );
    expect(elsewhere(after.resources, "orders-1-a")).toEqual([]);
  });

  it("reads a server that is not S3 by a key, which is in no policy and in nothing that is open", async () => {
    const restoreFrom = { cluster: "sales", endpoint: "https://old.example" };
    await expect(record({ ...plain, restoreFrom })).rejects.toThrow(
      /pulumi config set spilo:originAccessKey/,
    );
    const originKey = { accessKey: "reader", secretKey: "password-of-the-origin" };
    const found = { ...origin, endpoint: "https://old.example" };
    const { resources } = await record({ ...plain, restoreFrom, originKey }, { origin: found });
    expect(elsewhere(resources, "orders-1-a")).toEqual([]);
    expect(files(resources, "orders-1-a")).toContain("AWS_SECRET_ACCESS_KEY=password-of-the-origin");
    expectNoSecret(resources);
  });
});

const source = pairedSource();
const vpc = {
  ...{ vpc: "vpc-0a1b2c3d", clients: ["10.1.0.0/16"], operators: ["10.1.9.0/24"] },
  subnets: [{ id: "subnet-0a1b2c3d", cidr: "10.1.0.0/24" }],
};
const paired = { ...onAws("a", { aws: vpc, tls: { ca: "given" }, endpoint: { standbys: true } }), source };
const standbyOf = { cluster: "sales", host: "sales.example.org:5000", incarnation: "aaaa" };

it("a cluster on AWS keeps the authority that it is given, as nobody could be made to trust another one first", async () => {
  const authorities = async (args: Parameters<typeof record>[0]) =>
    [...ofType((await record(args)).resources, "spilo:index:CertificateAuthority").values()].map(
      ({ stays }) => stays,
    );
  expect(await authorities(paired)).toEqual([true]);
  expect(await authorities({ name: "orders" })).toEqual([undefined]);
});

describe("a cluster on AWS that follows another one", () => {
  it("streams from there, reads its archive, and shows to nobody what the two share", async () => {
    const { resources } = await record({ ...paired, standbyOf });
    const [settings] = ofType(resources, "spilo:index:DynamicSettings").values();
    expect(settings?.["follows"]).toMatchObject({
      standby_cluster: { host: "sales.example.org", port: 5000 },
    });
    expect(elsewhere(resources, "orders-1-a")).toHaveLength(2);
    expect(files(resources, "orders-1-a")).toContain("WALG_S3_PREFIX=s3://sales-wal/spilo/sales/aaaa/wal/17");
    expect(resources.find(({ name }) => name === "orders-ready")?.after).toContain("orders-following");
    expectNoSecret(resources);
    const texts = resources.flatMap(({ inputs }) => openTexts(inputs)).join("\n");
    expect(texts).not.toMatch(/password-of-(standby|app)_1|private-key-of-pair/);
  });

  it("has no machine replaced when it is promoted and declared so, nor a group opened", async () => {
    const before = await record({ ...paired, standbyOf: { cluster: "sales", host: "10.1.3.10:5000" } });
    const after = await record(paired);
    const ofAws = differing(before.resources, after.resources).filter((one) => one.startsWith("aws:"));
    expect(ofAws).toEqual([`${types.group} orders-members`]);
    const ways = ({ resources }: typeof before) => {
      const egress = ofType(resources, types.group).get("orders-members")?.["egress"];
      const rules = Array.isArray(egress) ? egress : [];
      return rules.filter(({ fromPort }) => fromPort === 5000).map(({ cidrBlocks }) => cidrBlocks);
    };
    expect([ways(before), ways(after)]).toEqual([[["10.1.0.0/16", "10.1.3.10/32"]], [["10.1.0.0/16"]]]);
  });
});
