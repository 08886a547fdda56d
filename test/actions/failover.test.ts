import { describe, expect, it } from "vitest";
import { ActionError } from "../../actions/action-error.ts";
import { type FailoverOptions, failover } from "../../actions/verbs/failover.ts";
import { Refusal } from "../../actions/verbs/verb.ts";
import type { Fault } from "./role-world.ts";
import { healthy, member, RoleWorld } from "./role-world.ts";

const now = () => new Date("2030-01-01T12:00:00Z");

function run(world: RoleWorld, options: FailoverOptions = { force: true }) {
  return failover(world.handle, { now, tools: world.tools, ...options }, world.narrator);
}

async function errorOf(work: Promise<unknown>): Promise<unknown> {
  return await work.then(
    () => undefined,
    (error: unknown) => error,
  );
}

/** The leader is silent, or there is none; m-2 has more than m-3. */
const lost = {
  members: [
    member("m-1", { role: "leader", state: "does not answer" }),
    member("m-2", { state: "running" }),
    member("m-3", { state: "running", lagBytes: 3000 }),
  ],
  silent: ["m-1"],
};

describe("a failover", () => {
  it("without --force tells what it would be, and does nothing", async () => {
    const world = new RoleWorld();
    const error = await errorOf(run(world, {}));
    expect(error).toBeInstanceOf(Refusal);
    expect(error).toMatchObject({
      reasons: [expect.stringContaining("m-1 is well, and would be killed as a lost machine would be")],
      remedy: "A planned one is `spiloctl switchover`. To do it all the same: --force.",
      dataMayBeLost: false,
    });
    const asynchronous = new RoleWorld({ observed: { synchronousMode: "off" } });
    expect(await errorOf(run(asynchronous, {}))).toMatchObject({
      remedy: expect.stringContaining("--force --accept-data-loss"),
      dataMayBeLost: false,
    });
    expect([...world.changes, ...asynchronous.changes]).toEqual([]);
  });

  it("that may lose data needs leave, and then is done", async () => {
    const observed = { synchronousMode: "off" as const };
    const world = new RoleWorld({ observed });
    const error = await errorOf(run(world));
    expect(error).toMatchObject({
      reasons: [expect.stringMatching(/^what may be lost: up to 0 B of WAL at the last look/)],
      dataMayBeLost: true,
    });
    expect(world.changes).toEqual([]);
    const report = await run(new RoleWorld({ observed }), { force: true, acceptDataLoss: true });
    expect(report).toMatchObject({ kind: "drill", loss: { kind: "possible" } });
  });

  it.each([
    ["2030-01-01T11:45:30Z", true],
    ["2030-01-01T11:39:00Z", false],
  ])("after a change at %s warns: %s", async (at, warns) => {
    const history = [{ timeline: 2, lsn: 1, reason: "", at, leader: "m-1" }];
    const world = new RoleWorld({ history });
    await run(world);
    expect(world.warnings.some((text) => text.startsWith("m-1 has led since 14 min ago"))).toBe(warns);
  });
});

describe("a drill", () => {
  it("kills the leader, waits for the next one, and starts the killed one again", async () => {
    const world = new RoleWorld({ log: "running pg_rewind from m-3" });
    const report = await run(world);
    expect(world.changes).toEqual(["kill m-1", "start m-1", "record failover"]);
    expect(report).toMatchObject({
      ...{ kind: "drill", from: "m-1", to: "m-3", timeline: 2, rejoined: { how: "pg_rewind" } },
      ...{ loss: { kind: "none" }, outage: { longestGapMs: 640 } },
    });
    expect(world.told).toEqual([
      expect.stringContaining("drill: m-1 leads and is killed; may be lost: nothing"),
      "m-1 was killed",
      "m-3 leads, timeline 2; m-1 is started again",
      "applications write again",
      "m-1 rejoined as standby (by pg_rewind)",
      "all members stream on timeline 2",
      expect.stringContaining("vacuumdb"),
    ]);
    expect(world.recorded).toEqual([{ kind: "failover", from: "m-1", to: "m-3", outageMs: 640, lost: 0 }]);
  });

  it.each<[string, Fault]>([
    ["kill m-1", "lost"],
    ["kill m-1", "failed"],
    ["leader", "bug"],
    ["leader", "interrupted"],
    ["primary m-3", "interrupted"],
    ["in service m-1", "failed"],
  ])("starts the leader again when `%s` ends %s, and stops the probe", async (act, kind) => {
    const world = new RoleWorld().failAt(act, 1, kind);
    await errorOf(run(world));
    expect(world.faulted).toBeGreaterThan(0);
    expect([...world.down]).toEqual([]);
    expect(world.acts).toContain("start m-1");
    expect(world.probes).toEqual([{ stopped: true }]);
  });

  it("tells how to start it by hand when the engine does not", async () => {
    const world = new RoleWorld();
    const { tools } = world;
    const stuck = () => Promise.reject(new ActionError("failed", "m-1: start: no space left"));
    const container: typeof tools.container = (name) => ({ ...tools.container(name), start: stuck });
    const silent = async () => undefined;
    const error = await errorOf(run(world, { force: true, tools: { ...tools, container, leader: silent } }));
    expect(error).toMatchObject({
      code: "deadline",
      message: expect.stringContaining("another member leads"),
    });
    expect(world.warnings).toContain("m-1: start: no space left: start it by hand, `docker start m-1`");
  });

  it("is not done in a pause, as nobody would take over", async () => {
    const world = new RoleWorld({ observed: { paused: true } });
    expect(await errorOf(run(world))).toMatchObject({ remedy: "End the pause first: `spiloctl resume`." });
    expect(world.changes).toEqual([]);
  });
});

describe("in place of a lost leader", () => {
  it("the standby with the most takes over, and the outage counts from then on", async () => {
    const world = new RoleWorld({ observed: lost });
    world.leader = undefined;
    const report = await run(world);
    expect(world.changes).toEqual(["failover to m-2", "record failover"]);
    expect(report).toMatchObject({ kind: "replace", from: "m-1", to: "m-2", loss: { kind: "none" } });
    expect(world.told).toContain("m-3 follows");
    expect(world.told.join()).toContain("m-1 follows as soon as it is back: `docker start m-1`");
  });

  it("one that has less needs leave to lose what it lacks", async () => {
    const world = new RoleWorld({ observed: lost });
    const error = await errorOf(run(world, { force: true, to: "m-3" }));
    expect(error).toMatchObject({
      reasons: [expect.stringContaining("up to 2.9 kB of WAL at the last look")],
      dataMayBeLost: true,
    });
    expect(world.changes).toEqual([]);
    world.leader = undefined;
    const done = await run(world, { force: true, acceptDataLoss: true, to: "m-3" });
    expect(done).toMatchObject({ to: "m-3", loss: { kind: "possible", upToBytes: 3000 } });
  });

  it("Patroni has time until the lost one's lease runs out", async () => {
    const world = new RoleWorld({ observed: lost });
    const { tools } = world;
    const slow: typeof tools.failover = async () => {
      void tools.clock.sleep(25_000).then(() => {
        world.leader = "m-2";
      });
      await tools.clock.sleep(20_000);
      throw new ActionError("failed", "Patroni: Failover status unknown");
    };
    expect((await run(world, { force: true, tools: { ...tools, failover: slow } })).to).toBe("m-2");
  });

  it("what Patroni refuses is refused, and the probe has stopped", async () => {
    const world = new RoleWorld({ observed: { members: lost.members.slice(1), silent: [] } });
    world.refusal = new ActionError(
      "refused",
      "Patroni: failover is not possible: no good candidates have been found",
    );
    const error = await errorOf(run(world));
    expect(error).toBeInstanceOf(Refusal);
    expect(error).toMatchObject({ reasons: [expect.stringContaining("no good candidates")] });
    expect(world.probes).toEqual([{ stopped: true }]);
    expect(world.recorded).toEqual([]);
  });

  it("nobody is asked where nobody leads who leads", async () => {
    const world = new RoleWorld({ observed: { ...healthy, members: lost.members.slice(1) } });
    const report = await run(world);
    expect(report.to).toBe("m-2");
    expect(report).not.toHaveProperty("from");
  });
});
