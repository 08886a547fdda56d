import { expect, it } from "vitest";
import { planCluster } from "../../cluster/index.ts";
import { passwordIn } from "../../components/source.ts";
import { specification } from "../unit/specifications.ts";
import { pairedSource } from "./paired-source.ts";
import { certificateOf, differing, ofType, openTexts, record } from "./recorder.ts";

const source = pairedSource("shared-password-of-");
const promoted = { name: "orders-eu", tls: { ca: "given" as const }, source };
const standbyOf = { cluster: "orders", host: "10.1.0.10:5000" };
const following = { ...promoted, standbyOf };
const writes = ["spilo:index:Roles", "spilo:index:FirstBackup", "spilo:index:PoolerLogin"];

it("writes nothing as long as another cluster is followed, and waits until it is", async () => {
  const { resources } = await record({ ...following, endpoint: { pooled: true } });
  expect(resources.filter(({ type }) => writes.includes(type))).toEqual([]);
  expect(resources.find(({ name }) => name === "orders-eu-ready")?.after).toContain("orders-eu-following");
  const [readiness] = ofType(resources, "spilo:index:Readiness").values();
  expect(readiness?.["synchronousStandbys"]).toBe(0);
  const [guard] = ofType(resources, "spilo:index:Guard").values();
  expect(guard?.["finalBackup"]).toBe(false);
});

it("tells Patroni beside the settings, as that is true only until a promotion", async () => {
  const { resources } = await record(following);
  const [settings] = ofType(resources, "spilo:index:DynamicSettings").values();
  expect(settings?.["follows"]).toMatchObject({ standby_cluster: { host: "10.1.0.10", port: 5000 } });
  expect(JSON.stringify(settings?.["settings"])).not.toContain("standby_cluster");
});

it("has the authority and the logins of the other one, and shows them to nobody", async () => {
  const { resources } = await record(following);
  const passwords = ofType(resources, "spilo:index:Password");
  const given = (purpose: string) => JSON.stringify(passwords.get(`orders-eu-password-${purpose}`));
  for (const purpose of ["standby", "rewind", "operator", "application"]) {
    expect(given(purpose)).toContain("shared-password-of-");
  }
  expect(given("superuser")).not.toContain("shared");
  const [authority] = ofType(resources, "spilo:index:CertificateAuthority").values();
  expect(JSON.stringify(authority)).toContain("private-key-of-pair");
  const texts = resources.flatMap(({ inputs }) => openTexts(inputs)).join("\n");
  expect(texts).not.toMatch(/shared-password|private-key-of-pair/);
});

it("writes when it is promoted and the specification says so, and replaces no member for it", async () => {
  const [before, after] = [await record(following), await record(promoted)];
  const changed = differing(before.resources, after.resources);
  expect(changed.filter((name) => name.startsWith("docker:"))).toEqual([]);
  expect(changed).toEqual(
    expect.arrayContaining([
      "spilo:index:Roles orders-eu-roles",
      "spilo:index:FirstBackup orders-eu-first-backup",
    ]),
  );
});

it("reads the other one's archive with a key of its own", async () => {
  const archive = { incarnation: "1a2b", endpoint: "https://s3.example" };
  const keyless = { ...following, standbyOf: { ...standbyOf, ...archive } };
  await expect(record(keyless)).rejects.toThrow(/standbyOf.endpoint[\s\S]*spilo:originAccessKey/);
  const originKey = { accessKey: "reader", secretKey: "key-of-the-origin" };
  const { resources } = await record({ ...keyless, originKey });
  const files = JSON.stringify([...ofType(resources, "spilo:index:Identity")]);
  expect(files).toContain("WALG_S3_PREFIX=s3://orders-wal/spilo/orders/1a2b/wal/17");
});

it("is refused without what the other one hands over, or with an authority of its own", async () => {
  const { source: _none, ...alone } = following;
  const authority = { certificate: certificateOf("own"), privateKey: "key" };
  await expect(record({ ...alone, authority })).rejects.toThrow(/pulumi config set --secret spilo:source/);
  await expect(record({ ...following, tls: { ca: "generated" } })).rejects.toThrow(/Set tls.ca to given/);
});

it("has the passwords of the other one's generation, or none, once it has rotated its own", () => {
  const later = { ...source, generations: { passwords: 2, application: 1 } };
  const planOf = (others: object) => planCluster(specification({ name: "orders-eu", ...others }));
  const follows = planOf({ standbyOf });
  expect(passwordIn(source, follows, "standby")).toBe("shared-password-of-standby_1");
  expect(() => passwordIn(later, follows, "standby")).toThrow(/generation 2, and rotation.passwords is 1/);
  const renamed = planOf({ standbyOf, application: { role: "shop" } });
  expect(() => passwordIn(source, renamed, "application")).toThrow(
    /logs in as app_1, this cluster's as shop_1/,
  );
  expect(passwordIn(source, planOf({ rotation: { passwords: 2 } }), "standby")).toBe("");
});
