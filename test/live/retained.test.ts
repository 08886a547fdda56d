import { execa } from "execa";
import { afterAll, beforeAll, expect, it } from "vitest";
import { evaluate, type LiveCluster, liveCluster } from "./cluster-view.ts";
import { everythingOf } from "./engine.ts";
import { spiloctl } from "./spiloctl.ts";
import { onSession } from "./sql.ts";
import { makeWorld, type World } from "./world.ts";

/** A member of a protected cluster that leaves, and comes back to the volume that it has left. */
const CLUSTER = "guard-kept";
const MINUTE = 60_000;

let world: World;
let cluster: LiveCluster;

beforeAll(async () => {
  world = await makeWorld(CLUSTER, {
    name: CLUSTER,
    members: 2,
    etcd: { voters: 1 },
    deletionProtection: true,
  });
  await world.run("up");
  cluster = await liveCluster(world);
}, 8 * MINUTE);

afterAll(async () => {
  await world.dispose();
}, 3 * MINUTE);

it("leaves, and its volume stays and is listed", { timeout: 5 * MINUTE }, async () => {
  await onSession(cluster.endpoint, (client) =>
    client.query("create table kept as select generate_series(1, 1000) as id"),
  );
  await execa("docker", ["exec", `${CLUSTER}-2`, "touch", "/home/postgres/pgdata/left-here"]);
  await world.specify(["members"], 1);
  const preview = await world.pulumi("preview", "--diff");
  expect(preview).toContain(
    "guard-kept-2: removed, after one switchover if one of them leads; their volumes stay, as deletionProtection is on",
  );
  await world.pulumi("up", "--yes", "--skip-preview");
  const left = (await everythingOf(CLUSTER)).filter((name) => name.startsWith(`${CLUSTER}-2`));
  expect(left).toEqual([expect.stringMatching(/^guard-kept-2-data-[0-9a-f]{8}$/)]);
  const { exitCode, report } = await spiloctl(world, "volumes");
  expect([exitCode, report]).toMatchObject([0, { retained: [{ name: left[0] }], removed: [] }]);
});

it("comes back to it, with all that was written meanwhile", { timeout: 6 * MINUTE }, async () => {
  await onSession(cluster.endpoint, async (client) => {
    await client.query("insert into kept select generate_series(1001, 200000)");
    await client.query("insert into kept select generate_series(200001, 400000)");
  });
  await world.specify(["members"], 2);
  await world.pulumi("up", "--yes", "--skip-preview");
  await execa("docker", ["exec", `${CLUSTER}-2`, "test", "-e", "/home/postgres/pgdata/left-here"]);
  const [, second] = cluster.direct;
  expect(second && (await evaluate(second, "(select count(*) from kept)"))).toBe("400000");
  expect((await spiloctl(world, "volumes")).report).toMatchObject({ retained: [] });
});

it("leaves again, and its volume is removed when that is asked for", { timeout: 5 * MINUTE }, async () => {
  await world.specify(["members"], 1);
  await world.pulumi("up", "--yes", "--skip-preview");
  const { report } = await spiloctl(world, "volumes", "--prune");
  expect(report).toMatchObject({ retained: [], removed: [expect.stringMatching(/^guard-kept-2-data-/)] });
  expect((await everythingOf(CLUSTER)).filter((name) => name.startsWith(`${CLUSTER}-2`))).toEqual([]);
});
