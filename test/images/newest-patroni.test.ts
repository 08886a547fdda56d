import { afterAll, beforeAll, expect, test } from "vitest";
import { type ClusterOfOne, startClusterOfOne } from "./cluster-of-one.ts";
import { eventually } from "./stage.ts";

const newest = "4.1.5";
let member: ClusterOfOne;

beforeAll(async () => {
  member = await startClusterOfOne("newest", newest);
}, 300_000);

afterAll(() => member?.stage.remove());

test("the image works with the newest Patroni too: it leads, has its roles, and archives", async () => {
  const status = await (await member.ask("/patroni")).json();
  expect(status).toMatchObject({ role: "primary", patroni: { version: newest, scope: "one" } });
  expect(await member.sql("SELECT count(*) FROM pg_roles WHERE rolname IN ('admin', 'robot_zmon')")).toBe(
    "2",
  );
  const segment = await member.sql("SELECT pg_walfile_name(pg_switch_wal())");
  await eventually(`${segment} is archived`, 20_000, async () =>
    (await member.sql("SELECT last_archived_wal FROM pg_stat_archiver")) >= segment ? true : undefined,
  );
});
