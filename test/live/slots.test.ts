import { afterAll, beforeAll, expect, it } from "vitest";
import { eventually } from "../images/stage.ts";
import { evaluate, type LiveCluster, liveCluster } from "./cluster-view.ts";
import { containerIds } from "./engine.ts";
import { spiloctl } from "./spiloctl.ts";
import { onSession } from "./sql.ts";
import { makeWorld, type World } from "./world.ts";

/** A declared logical slot of the application's database, through a switchover, to its end. */
const CLUSTER = "sl-slots";
const MINUTE = 60_000;

let world: World;
let cluster: LiveCluster;
let containers: unknown;

beforeAll(async () => {
  world = await makeWorld(CLUSTER, {
    ...{ name: CLUSTER, members: 2, etcd: { voters: 1 } },
    postgresql: { parameters: { wal_level: "logical" } },
    logicalSlots: [{ name: "cdc", database: "app" }],
  });
  await world.run("up");
  cluster = await liveCluster(world);
  containers = await containerIds(CLUSTER);
}, 8 * MINUTE);

afterAll(async () => {
  await world.dispose();
}, 3 * MINUTE);

const slotsOf = (member: LiveCluster["direct"][number]) =>
  evaluate(
    member,
    "(select coalesce(string_agg(slot_name, ',' order by slot_name), '') from pg_replication_slots where slot_type = 'logical')",
  );

it("is there without a further change, and follows the leader to where its reader was", {
  timeout: 4 * MINUTE,
}, async () => {
  await world.pulumi("preview", "--refresh", "--expect-no-changes");
  const written = await eventually("the leader has the slot", MINUTE, async () => {
    const { report } = await spiloctl(world, "status");
    const { degraded, declaredSlots } = report;
    expect(declaredSlots).toEqual({ logical: ["cdc"], kept: [] });
    return degraded.length === 0 ? report : undefined;
  });
  expect(written.slots).toContainEqual(expect.objectContaining({ name: "cdc", type: "logical" }));
  const place = "(select confirmed_flush_lsn::text from pg_replication_slots where slot_name = 'cdc')";
  const placeOf = async () =>
    onSession(cluster.endpoint, async (client) => (await client.query(`select ${place}`)).rows);
  const before = await placeOf();
  await onSession(cluster.endpoint, (client) =>
    client.query("create table unread as select generate_series(1, 1000)"),
  );
  const { exitCode, report } = await spiloctl(world, "switchover");
  expect([exitCode, report.already]).toEqual([0, false]);
  for (const member of cluster.direct) expect(await slotsOf(member)).toBe("cdc");
  expect(await placeOf()).toEqual(before);
});

it("is dropped when it is taken out, which the preview says, and replaces nothing", {
  timeout: 3 * MINUTE,
}, async () => {
  await world.specify(["logicalSlots"], []);
  expect(await world.pulumi("preview", "--diff")).toContain(
    "slot cdc: is dropped as soon as it is idle; whoever reads it loses what it has not read by then",
  );
  await world.pulumi("up", "--yes", "--skip-preview");
  await eventually("no member has it", MINUTE, async () => {
    const left = await Promise.all(cluster.direct.map(slotsOf));
    return left.join("") === "" ? true : undefined;
  });
  expect(await containerIds(CLUSTER)).toEqual(containers);
  await world.pulumi("preview", "--refresh", "--expect-no-changes");
});
