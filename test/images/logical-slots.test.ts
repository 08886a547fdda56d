import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeAuthority } from "../../actions/certificates/certificates.ts";
import { slotNameOf } from "../../cluster/settings/slot-name.ts";
import { leaderOf, type SmallCluster, startSmallCluster, streams } from "./small-cluster.ts";
import { docker, eventually, ready } from "./stage.ts";
import { type Subscriber, startSubscriber } from "./subscriber.ts";

const password = "subscriber-41c7";
const specification = {
  recovery: { objective: "fast" },
  postgresql: { parameters: { wal_level: "logical" } },
  logicalSlots: [{ name: "cdc", database: "orders" }],
  keptSlots: ["by_hand"],
};

describe.each([
  ["4.0.4", {}],
  ["4.1.5", { patroniVersion: "4.1.5" }],
])("logical slots with Patroni %s", (version, build) => {
  let cluster: SmallCluster;
  let subscriber: Subscriber;

  beforeAll(async () => {
    const authority = await makeAuthority({ commonName: "slots CA", years: 1, now: new Date() });
    cluster = await startSmallCluster(authority, { specification, ...build });
    const { cluster: network } = cluster.plan;
    subscriber = await startSubscriber(`${network}-subscriber`, network, await ready("spilo"));
  }, 300_000);

  afterAll(async () => {
    await subscriber?.remove();
    await cluster?.remove();
  });

  const sql = async (statement: string, database?: string) =>
    cluster.sql(await leaderOf(cluster), statement, database);

  async function standbyOf(): Promise<string> {
    const leader = await leaderOf(cluster);
    return cluster.plan.members.find(({ name }) => name !== leader)?.name ?? "";
  }

  const slotsOn = async (member: string) =>
    (await cluster.sql(member, "SELECT slot_name FROM pg_replication_slots WHERE slot_type = 'logical'"))
      .split("\n")
      .sort();

  /** The copy is there, and the leader keeps every catalog row that it needs. */
  async function isCopied(): Promise<true | undefined> {
    const standby = await standbyOf().catch(() => "");
    if (standby === "" || (await streams(cluster)) === undefined) return undefined;
    const catalogXmin = "catalog_xmin::text::bigint";
    const [own, held] = (
      await sql(`SELECT l.${catalogXmin}, p.${catalogXmin} FROM pg_replication_slots l, pg_replication_slots p
        WHERE l.slot_name = 'cdc' AND p.slot_name = '${slotNameOf(standby)}'`)
    )
      .split("|")
      .map(Number);
    const query = `SELECT ${catalogXmin} FROM pg_replication_slots WHERE slot_name = 'cdc'`;
    const copied = Number(await cluster.sql(standby, query).catch(() => ""));
    if (!own || !held || !copied) return undefined;
    return (own <= held && held <= copied) || undefined;
  }

  const write = (from: number, to: number) =>
    sql(`INSERT INTO orders SELECT n, 'order ' || n FROM generate_series(${from}, ${to}) n`, "orders");

  const rows = "SELECT count(*), md5(string_agg(id || text, ',' ORDER BY id)) FROM orders";

  const hasAll = () =>
    eventually("the subscriber has all that was committed", 60_000, async () =>
      (await subscriber.sql(rows)) === (await sql(rows, "orders")) ? true : undefined,
    );

  test("one of a database that is not there yet is made when it is, and copied to the standby", async () => {
    const leader = await leaderOf(cluster);
    expect(await docker(["exec", leader, "patroni", "--version"])).toBe(`patroni ${version}`);
    expect(await slotsOn(leader)).toEqual([""]);
    await sql("CREATE DATABASE orders");
    await sql(
      "CREATE TABLE orders (id int PRIMARY KEY, text text); CREATE PUBLICATION all_orders FOR ALL TABLES",
      "orders",
    );
    await sql(`CREATE ROLE subscriber LOGIN REPLICATION PASSWORD '${password}' IN ROLE spilo_clients;
      GRANT pg_read_all_data TO subscriber`);
    await eventually("the standby has a copy that is safe", 90_000, isCopied);
    expect(await slotsOn(await leaderOf(cluster))).toEqual(["cdc"]);
  }, 120_000);

  test("a subscriber that was away loses nothing over a switchover and a kill", async () => {
    const [proxy] = cluster.plan.proxies;
    const place = `host=${proxy?.address} port=${cluster.plan.endpoint.readWritePort} dbname=orders`;
    await subscriber.sql(`CREATE TABLE orders (id int PRIMARY KEY, text text);
      CREATE SUBSCRIPTION orders CONNECTION '${place} user=subscriber password=${password} sslmode=require'
        PUBLICATION all_orders WITH (create_slot = false, slot_name = cdc, copy_data = false)`);
    await write(1, 100);
    await hasAll();
    expect(await subscriber.sql("SELECT count(*) FROM orders")).toBe("100");
    await subscriber.leave();

    await write(101, 200);
    const first = await leaderOf(cluster);
    await docker(["exec", first, "patronictl", "-c", "/run/postgres.yml", "switchover", "--force"]);
    const second = await leaderOf(cluster);
    expect(second).not.toBe(first);
    await write(201, 300);
    await sql(
      "UPDATE orders SET text = 'changed' WHERE id % 7 = 0; DELETE FROM orders WHERE id % 11 = 0",
      "orders",
    );
    await eventually("the former leader follows, with a copy that is safe", 90_000, isCopied);

    await docker(["kill", second]);
    await eventually("the other one leads", 90_000, async () =>
      (await leaderOf(cluster).catch(() => "")) === first ? true : undefined,
    );
    await write(301, 400);

    await subscriber.comeBack();
    await hasAll();
    expect(await subscriber.sql("SELECT count(*), max(id) FROM orders")).toBe("373|400");
    expect(await subscriber.sql("SELECT count(*) FROM orders WHERE text = 'changed'")).toBe("39");
  }, 300_000);

  test("one that was killed has its copies again when it is back", async () => {
    await docker(["start", await standbyOf()]);
    await eventually("it follows, with a copy that is safe", 120_000, isCopied);
    await write(401, 410);
    await hasAll();
  }, 180_000);

  test("those that are made by hand are left alone when they are declared, and else dropped when idle", async () => {
    const leader = await leaderOf(cluster);
    for (const name of ["by_hand", "of_nobody"]) {
      await sql(`SELECT pg_create_logical_replication_slot('${name}', 'pgoutput')`, "orders");
    }
    await docker([
      "exec",
      leader,
      "patronictl",
      "-c",
      "/run/postgres.yml",
      "restart",
      "--force",
      cluster.plan.cluster,
      leader,
    ]);
    await eventually("the one that nobody declared is dropped", 60_000, async () =>
      (await slotsOn(leader).catch(() => ["of_nobody"])).includes("of_nobody") ? undefined : true,
    );
    expect(await slotsOn(leader)).toEqual(["by_hand", "cdc"]);
  }, 120_000);
});
