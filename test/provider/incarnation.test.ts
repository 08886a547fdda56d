import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseSpec, planCluster } from "../../cluster/index.ts";
import { spiloProvider } from "../../provider/provider.ts";
import { secret } from "../../provider/wire.ts";
import { FakeS3 } from "./fake-s3.ts";
import { access } from "./test-access.ts";

const urn =
  "urn:pulumi:dev::pulumi-spilo::spilo:index:SpiloCluster$spilo:index:Incarnation::orders-2-incarnation";

let s3: FakeS3;

beforeEach(async () => {
  s3 = await new FakeS3().start();
});

afterEach(() => s3.stop());

function inputs(restoreFrom?: object) {
  const backup = { endpoint: s3.url, ca: access.ca };
  const { origin } = planCluster(
    parseSpec({ name: "orders-2", backup, ...(restoreFrom && { restoreFrom }) }),
  );
  if (origin === undefined) return { cluster: "orders-2" };
  const key = { accessKey: "reader", secretKey: secret("secret-word") };
  return { cluster: "orders-2", source: { archive: origin, postgresqlVersion: 17, ...key } };
}

const prefix = "spilo/orders/1a2b3c4d/wal/17";

/** One life with a base backup and a segment. */
function oneLife(asked: string): string {
  const folder = (path: string) => `<CommonPrefixes><Prefix>${path}</Prefix></CommonPrefixes>`;
  const object = (path: string) =>
    `<Contents><Key>${path}</Key><Size>500000</Size><LastModified>2030-01-01T01:00:00.000Z</LastModified></Contents>`;
  const answers: Readonly<Record<string, string>> = {
    "spilo/orders/": folder("spilo/orders/1a2b3c4d/"),
    "spilo/orders/1a2b3c4d/wal/": folder(`${prefix}/`),
    [`${prefix}/base/`]: ["backup.info", "data.tar.gz"]
      .map((file) => object(`${prefix}/base/20300101T010000/${file}`))
      .join(""),
    [`${prefix}/wals/`]: object(`${prefix}/wals/0000000100000000/000000010000000000000003.lz4`),
  };
  return `<ListBucketResult>${answers[asked] ?? ""}</ListBucketResult>`;
}

describe("the life of a cluster that begins from an archive", () => {
  it("is made when that is found, which it keeps and tells, without the key", async () => {
    s3.lists = oneLife;
    const info = `/orders-wal/${prefix}/base/20300101T010000/backup.info`;
    s3.answers.set(`GET ${info}`, { status: 200, body: "begin_wal=000000010000000000000003\nstatus=DONE\n" });
    const told: string[] = [];
    const provider = spiloProvider(async (_urn, line) => void told.push(line));
    const made = await provider.create?.(urn, inputs({ cluster: "orders" }));
    expect(JSON.parse(made?.outs.origin)).toEqual({
      ...{ cluster: "orders", incarnation: "1a2b3c4d", postgresqlVersion: 17 },
      ...{ bucket: "orders-wal", endpoint: s3.url, region: "us-east-1", target: { kind: "latest" } },
    });
    expect(told).toEqual([
      "begins from orders, incarnation 1a2b3c4d: with the base backup of 2030-01-01T01:00:00.000Z (1 MB) and the WAL since, " +
        "of which the last is of 2030-01-01T01:00:00.000Z",
    ]);
  });

  it("is not made when the bucket has nothing of it", async () => {
    s3.lists = () => "<ListBucketResult></ListBucketResult>";
    const provider = spiloProvider(async () => undefined);
    await expect(provider.create?.(urn, inputs({ cluster: "orders" }))).rejects.toThrow(
      "restoreFrom.cluster: orders: s3://orders-wal",
    );
  });

  it.each([
    ["nothing any more", { cluster: "orders" }, undefined, []],
    ["the same", { cluster: "orders" }, { cluster: "orders", latest: true }, []],
    [
      "another target",
      { cluster: "orders" },
      { cluster: "orders", lsn: "0/1" },
      ["must stay orders, with all that is archived"],
    ],
    [
      "an archive, having begun empty",
      undefined,
      { cluster: "orders" },
      ["is read once, when a cluster is made"],
    ],
  ])("is checked when it is declared with %s", async (_title, before, now, said) => {
    const provider = spiloProvider(async () => undefined);
    const { failures = [] } = (await provider.check?.(urn, inputs(before), inputs(now))) ?? {};
    expect(failures.map(({ reason }) => reason)).toEqual(said.map((text) => expect.stringContaining(text)));
    expect(failures.map(({ property }) => property)).toEqual(said.map(() => ""));
    expect(await provider.diff?.("id", urn, inputs(before), inputs(now))).toMatchObject({ changes: false });
  });
});
