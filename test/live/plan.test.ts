import { afterAll, beforeAll, expect, it } from "vitest";
import { describeChange, otherImage, removeOtherImages } from "./changes.ts";
import { liveCluster } from "./cluster-view.ts";
import { type ChangeToPlan, type Planned, planAndDo } from "./plan/plan-and-do.ts";
import { makeWorld, type World } from "./world.ts";

/** A small cluster whose changes are planned first: every claim of a plan is held against what `up` did. */
const CLUSTER = "foreseen";
const OTHER = "foreseen";
const MINUTE = 60_000;

let world: World;

beforeAll(async () => {
  const small = { members: 2, etcd: { voters: 1 }, recovery: { objective: "fast" } };
  world = await makeWorld(CLUSTER, { name: CLUSTER, ...small });
  await world.run("up");
}, 6 * MINUTE);

afterAll(async () => {
  await world.dispose();
  await removeOtherImages(world, [OTHER]);
}, 3 * MINUTE);

/** Has it planned and made; the plan came true, and said so much. */
async function foreseen(title: string, change: ChangeToPlan): Promise<Planned> {
  const planned = await planAndDo(world, change);
  const { plan, seen, claims } = planned;
  console.log(`${title}: ${plan.risk}: ${plan.verdict} (${claims} claims)`);
  if (seen !== undefined) console.log(describeChange(title, seen));
  expect(planned.untrue).toEqual([]);
  expect(claims).toBeGreaterThan(0);
  expect(seen?.missing ?? []).toEqual([]);
  return planned;
}

it("a parameter with a restart, and one with a reload", { timeout: 4 * MINUTE }, async () => {
  const { exitCode, plan, claims } = await foreseen("parameters", {
    cause: async () => {
      await world.specify(["postgresql", "parameters", "max_connections"], 150);
      await world.specify(["postgresql", "parameters", "work_mem"], "8MB");
    },
  });
  expect([exitCode, plan.risk]).toEqual([0, "outage"]);
  expect(claims).toBeGreaterThanOrEqual(8);
});

it("what is refused: another name", { timeout: 4 * MINUTE }, async () => {
  const { exitCode, plan } = await foreseen("a rename", { cause: () => world.specify(["name"], "other") });
  expect([exitCode, plan.risk]).toEqual([10, "refused"]);
  await world.specify(["name"], CLUSTER);
});

it("another image: who leads, in which order, and who leads afterwards", {
  timeout: 5 * MINUTE,
}, async () => {
  const image = await otherImage(world, OTHER);
  const leader = await (await liveCluster(world)).leader();
  const { exitCode, plan } = await foreseen("another image", {
    cause: () => world.specify(["image"], image),
  });
  expect([exitCode, plan.risk]).toEqual([0, "outage"]);
  const [order] = plan.clusters.flatMap(({ claims }) =>
    claims.flatMap((one) => (one.kind === "order" ? [one.names] : [])),
  );
  expect(order?.at(-1)).toBe(leader);
});

it("its end, with all data: exit code 3", { timeout: 4 * MINUTE }, async () => {
  const { exitCode, plan } = await foreseen("a destroy", {
    cause: async () => undefined,
    command: "destroy",
  });
  expect([exitCode, plan.risk]).toEqual([3, "data loss"]);
  expect(plan.verdict).toMatch(/^the database is lost: /);
});
