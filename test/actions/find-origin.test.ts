import { describe, expect, it } from "vitest";
import type { StoreToRead } from "../../actions/archive/incarnations.ts";
import type { StoredObject } from "../../actions/object-store.ts";
import { findOrigin } from "../../actions/restore/find-origin.ts";
import type { OriginPlan, RestoreTarget } from "../../cluster/plan-types.ts";

interface Kept {
  readonly at: string;
  readonly text?: string;
}

/** A bucket by its keys. */
function bucket(kept: Readonly<Record<string, Kept>>): StoreToRead {
  const keys = Object.keys(kept).sort();
  const below = (prefix: string) => keys.filter((key) => key.startsWith(prefix));
  return {
    list: async (_bucket, prefix, after = "") =>
      below(prefix)
        .filter((key) => key > after)
        .map((key): StoredObject => {
          return { key, sizeBytes: 1_000_000, modifiedAt: new Date(kept[key]?.at ?? "") };
        }),
    folders: async (_bucket, prefix) => [
      ...new Set(
        below(prefix).flatMap((key) => {
          const [folder] = /^[^/]+\//.exec(key.slice(prefix.length)) ?? [];
          return folder === undefined ? [] : `${prefix}${folder}`;
        }),
      ),
    ],
    read: async (_bucket, key) => kept[key]?.text ?? "",
  };
}

const day = (hour: string) => `2030-01-01T${hour}:00.000Z`;

/** Two backups by barman, at 0/3000000 and 0/6000000, and WAL to the end of segment 8. */
function barmanLife(incarnation: string, version = 17, lastWal = "12:00"): Record<string, Kept> {
  const prefix = `spilo/orders/${incarnation}/wal/${version}`;
  const info = (end: string) =>
    `begin_wal=00000001000000000000000${Number(end[2]) - 1}\nend_xlog=${end}\nstatus=DONE\n`;
  const between = [2, 3, 4, 5, 6].map((number): [string, Kept] => {
    const key = `${prefix}/wals/0000000100000000/00000001000000000000000${number}.lz4`;
    return [key, { at: day(`0${number}:00`) }];
  });
  return {
    [`${prefix}/base/20300101T010000/backup.info`]: { at: day("01:05"), text: info("0/3000000") },
    [`${prefix}/base/20300101T010000/data.tar.gz`]: { at: day("01:04") },
    [`${prefix}/base/20300101T020000/backup.info`]: { at: day("02:05"), text: info("0/6000000") },
    [`${prefix}/base/20300101T020000/data.tar.gz`]: { at: day("02:04") },
    ...Object.fromEntries(between),
    [`${prefix}/wals/0000000100000000/000000010000000000000008.lz4`]: { at: day(lastWal) },
    [`${prefix}/wals/0000000100000000/000000010000000000000007.lz4`]: { at: day("11:00") },
    [`${prefix}/wals/00000002.history.lz4`]: { at: day("13:00") },
  };
}

function walgLife(incarnation: string): Record<string, Kept> {
  const prefix = `spilo/orders/${incarnation}/wal/17`;
  const name = "base_000000010000000000000004";
  const sentinel = `${prefix}/basebackups_005/${name}_backup_stop_sentinel.json`;
  return {
    [sentinel]: { at: day("03:00"), text: JSON.stringify({ FinishLSN: 0x4000100 }) },
    [`${prefix}/basebackups_005/${name}/tar_partitions/part_1.tar.lz4`]: { at: day("02:59") },
    [`${prefix}/wal_005/000000010000000000000003.lz4`]: { at: day("14:00") },
    [`${prefix}/wal_005/000000010000000000000004.lz4`]: { at: day("03:00") },
    [`${prefix}/wal_005/000000010000000000000005.lz4`]: { at: day("04:00") },
  };
}

const place = { cluster: "orders", bucket: "b", endpoint: "https://s3.example", region: "us-east-1" };
const asked = (target: RestoreTarget, others: Partial<OriginPlan> = {}): OriginPlan => ({
  ...place,
  target,
  ...others,
});
const latest: RestoreTarget = { kind: "latest" };
const asOf = (hour: string): RestoreTarget => ({ kind: "time", time: day(hour) });
const upTo = (lsn: string): RestoreTarget => ({ kind: "lsn", lsn });

describe("the life that a cluster is made from", () => {
  it("is the one that has archived last, with its last backup", async () => {
    const store = bucket({ ...barmanLife("aaaa", 17, "12:00"), ...barmanLife("bbbb", 17, "10:00") });
    const { origin, backup, life } = await findOrigin(store, asked(latest), 17);
    expect(origin).toEqual({ ...place, target: latest, incarnation: "aaaa", postgresqlVersion: 17 });
    expect(backup.name).toBe("base_000000010000000000000005");
    expect(life.wal.last).toMatchObject({ name: "000000010000000000000008", at: day("12:00") });
  });

  it("is the one that reaches a time", async () => {
    const store = bucket({ ...barmanLife("aaaa", 17, "12:00"), ...walgLife("bbbb") });
    const found = await findOrigin(store, asked(asOf("11:30")), 17);
    expect(found.origin.incarnation).toBe("aaaa");
    expect((await findOrigin(store, asked(asOf("02:00")), 17)).backup.name).toBe(
      "base_000000010000000000000002",
    );
  });

  it.each([
    ["0/5FFFFFF", "base_000000010000000000000002", "2030-01-01T01:05:01.000Z"],
    ["0/6000000", "base_000000010000000000000005", "2030-01-01T02:05:01.000Z"],
  ])("has a backup that is complete at %s", async (lsn, name, before) => {
    const { backup, origin } = await findOrigin(bucket(barmanLife("aaaa")), asked(upTo(lsn)), 17);
    expect({ name: backup.name, before: origin.backupBefore }).toEqual({ name, before });
  });

  it("is found in WAL-G's layout as well", async () => {
    const { backup, life } = await findOrigin(bucket(walgLife("cccc")), asked(upTo("0/4000100")), 17);
    expect(backup.name).toBe("base_000000010000000000000004");
    expect(life.wal.last?.name).toBe("000000010000000000000005");
  });

  it.each([
    [
      "a time before the first backup",
      asked(asOf("01:00")),
      "orders cannot be restored as of 2030-01-01T01:00:00.000Z: incarnation aaaa reaches from 2030-01-01T01:05:00.000Z to 2030-01-01T12:00:00.000Z (0/9000000)",
    ],
    [
      "a time after the last WAL",
      asked(asOf("12:01")),
      "reaches from 2030-01-01T01:05:00.000Z to 2030-01-01T12:00:00.000Z",
    ],
    ["a position before the first backup", asked(upTo("0/2FFFFFF")), "cannot be restored up to 0/2FFFFFF"],
    ["a position after the last WAL", asked(upTo("0/9000001")), "cannot be restored up to 0/9000001"],
    [
      "another life",
      asked(latest, { incarnation: "zzzz" }),
      "restoreFrom.incarnation: zzzz: s3://b at https://s3.example has no such life of orders, but aaaa. Nothing was changed. Name one of these, or none.",
    ],
    [
      "another cluster",
      asked(latest, { cluster: "oders" }),
      "restoreFrom.cluster: oders: s3://b at https://s3.example has no backup of it, but what is of orders",
    ],
  ])("is refused for %s", async (_title, plan, said) => {
    await expect(findOrigin(bucket(barmanLife("aaaa")), plan, 17)).rejects.toThrow(said);
  });

  it("is refused for what lies behind a gap in its WAL, and has what lies before", async () => {
    const kept = barmanLife("aaaa");
    for (const key of Object.keys(kept)) if (key.includes("00000007.lz4")) delete kept[key];
    const store = bucket(kept);
    const said = "of its WAL 000000010000000000000007 is missing";
    for (const target of [latest, asOf("11:30"), upTo("0/7000001")]) {
      await expect(findOrigin(store, asked(target), 17)).rejects.toThrow(said);
    }
    for (const target of [asOf("05:30"), upTo("0/7000000")]) {
      expect((await findOrigin(store, asked(target), 17)).backup.name).toBe("base_000000010000000000000005");
    }
  });

  it("is refused when another version has written it", async () => {
    const said =
      "orders was written by PostgreSQL 16, and this cluster is to have 17. Nothing was changed. Set postgresql.version to 16.";
    await expect(findOrigin(bucket(barmanLife("aaaa", 16)), asked(latest), 17)).rejects.toThrow(said);
  });

  it("has to be named for a position that several lives have", async () => {
    const store = bucket({ ...barmanLife("aaaa"), ...barmanLife("bbbb") });
    const said =
      "orders has several: aaaa, bbbb. Nothing was changed. Set restoreFrom.incarnation to one of these.";
    await expect(findOrigin(store, asked(upTo("0/7000000")), 17)).rejects.toThrow(said);
    const named = await findOrigin(store, asked(upTo("0/7000000"), { incarnation: "bbbb" }), 17);
    expect(named.origin.incarnation).toBe("bbbb");
  });

  it("is none without a whole base backup", async () => {
    const only = { "spilo/orders/aaaa/wal/17/base/20300101T010000/backup.info": { at: day("01:00") } };
    const said =
      "incarnation aaaa has no whole base backup, or no WAL. Nothing was changed. Name another incarnation.";
    await expect(findOrigin(bucket(only), asked(latest), 17)).rejects.toThrow(said);
  });
});
