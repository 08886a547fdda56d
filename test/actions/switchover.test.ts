import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ActionError } from "../../actions/action-error.ts";
import { switchover } from "../../actions/verbs/switchover.ts";
import { Refusal } from "../../actions/verbs/verb.ts";
import { type Fault, type healthy, member, RoleWorld } from "./role-world.ts";

function run(world: RoleWorld, to?: string) {
  return switchover(world.handle, { to, tools: world.tools }, world.narrator);
}

async function errorOf(work: Promise<unknown>): Promise<unknown> {
  return await work.then(
    () => undefined,
    (error: unknown) => error,
  );
}

const ways = {
  "as it was": "INFO: Local timeline=1 lsn=0/35290B60\nINFO: no action. I am (m-1), a secondary",
  pg_rewind: "Local timeline=1 lsn=0/35290C00\nrunning pg_rewind from m-2\npg_rewind exit code=0",
  "fresh copy":
    "running pg_rewind from m-2\npg_rewind exit code=1\nreplica has been created using basebackup",
} as const;

describe("WAL that waits for the archive", () => {
  const stuck = { waiting: 3, oldestWaitingSeconds: 90, lastSeconds: 200, lastFailedSeconds: 2 };
  const handOver = (world: RoleWorld, unarchived?: "warn" | "leave") =>
    switchover(
      world.handle,
      { to: "m-2", tools: world.tools, ...(unarchived && { unarchived }) },
      world.narrator,
    );

  it("that cannot be archived keeps the leadership where it is", async () => {
    const world = new RoleWorld();
    world.archiving = () => stuck;
    const error = await errorOf(handOver(world));
    expect(error).toBeInstanceOf(Refusal);
    expect(String(error)).toMatch(/archiving fails, and 3 WAL files wait on m-1, the oldest for 90 s/);
    expect(world.changes).toEqual([]);
    expect(world.clock.now()).toBeGreaterThanOrEqual(30_000);
  });

  it("is waited for, and then nothing is said of it", async () => {
    const world = new RoleWorld();
    world.archiving = () =>
      world.clock.now() < 5000 ? stuck : { ...stuck, waiting: 0, oldestWaitingSeconds: null };
    expect(await handOver(world)).toMatchObject({ to: "m-2" });
    expect(world.warnings).toEqual([]);
  });

  it.each(["warn", "leave"] as const)("is left behind with a warning when told to %s", async (unarchived) => {
    const world = new RoleWorld();
    world.archiving = () => stuck;
    expect(await handOver(world, unarchived)).toMatchObject({ to: "m-2" });
    expect(world.warnings).toEqual([expect.stringContaining("spiloctl backup now")]);
  });

  it("that is archived one after the other is no reason to wait", async () => {
    const world = new RoleWorld();
    world.archiving = () => ({ ...stuck, waiting: 20, oldestWaitingSeconds: 12, lastSeconds: 1 });
    expect(await handOver(world)).toMatchObject({ to: "m-2" });
    expect(world.warnings).toEqual([]);
  });
});

describe("a switchover", () => {
  it("does everything in the order in which clients wait the least", async () => {
    const world = new RoleWorld();
    await run(world, "m-2");
    expect(world.changes.slice(0, 6)).toEqual([
      "lead-to proxy-1 m-2",
      "lead-to proxy-2 m-2",
      "lease proxy-1",
      "lease proxy-2",
      "pause proxy-1",
      "pause proxy-2",
    ]);
    expect(world.changes.slice(6)).toEqual([
      "switchover m-1 to m-2",
      "resume proxy-1",
      "resume proxy-2",
      "give back proxy-1",
      "give back proxy-2",
      "record switchover",
    ]);
    expect(world.told).toEqual([
      "m-1 leads, m-2 is synchronous, lag 0 B, nothing paused",
      "m-2 has caught up",
      "pooled clients wait",
      "writes stopped, m-1 has shut down",
      "m-2 was promoted, timeline 2",
      "endpoint leads to m-2",
      "pooled clients go on",
      "applications write again",
      "m-1 rejoined as standby (pg_rewind not needed)",
      "all members stream on timeline 2",
      expect.stringContaining("vacuumdb --analyze"),
    ]);
    expect(world.warnings).toEqual([]);
  });

  it("lets clients go on when the new leader takes writes, and not when Patroni says so", async () => {
    const world = new RoleWorld({ promotionMs: 700 });
    await run(world);
    expect(world.longestPauseMs).toBeGreaterThanOrEqual(700);
    expect(world.longestPauseMs).toBeLessThan(900);
  });

  it("is reported with what was measured, and noted", async () => {
    const at = "2030-01-01T00:00:00+00:00";
    const history = [
      { timeline: 2, lsn: 891_882_336, reason: "no recovery target specified", at, leader: "m-2" },
    ];
    const world = new RoleWorld({ log: ways["as it was"], history });
    expect(await run(world)).toMatchObject({
      ...{ cluster: "orders", already: false, from: "m-1", to: "m-2", timeline: 2, promotedAt: "0/35290B60" },
      rejoined: { how: "as it was", endedAt: "0/35290B60" },
      pools: [{ proxy: "proxy-1" }, { proxy: "proxy-2" }],
      outage: { longestGapMs: 640, missing: [] },
    });
    expect(world.recorded).toEqual([{ kind: "switchover", from: "m-1", to: "m-2", outageMs: 640, lost: 0 }]);
    expect(world.probes).toEqual([{ stopped: true }]);
  });

  it.each(Object.entries(ways))("tells that the former leader came back %s", async (how, log) => {
    expect((await run(new RoleWorld({ log }))).rejoined?.how).toBe(how);
  });

  it("waits for a candidate that is about to have its copies of the logical slots", async () => {
    const world = new RoleWorld();
    world.uncopied.push(["cdc"], ["cdc"]);
    expect(await run(world, "m-2")).toMatchObject({ to: "m-2", already: false });
    const looked = world.acts.filter((act) => act === "slots m-2");
    expect(looked).toHaveLength(3);
    expect(world.acts.lastIndexOf("slots m-2")).toBeLessThan(world.acts.indexOf("switchover m-1 to m-2"));
  });

  it("is done already when the one asked for leads", async () => {
    const world = new RoleWorld();
    expect(await run(world, "m-1")).toMatchObject({ already: true, from: "m-1", to: "m-1" });
    expect(world.changes).toEqual([]);
  });

  it("goes on without a pool whose transactions do not end in time, and says so", async () => {
    const world = new RoleWorld().failAt("pause proxy-2", 1, "hangs");
    const { pools } = await run(world);
    expect(pools).toEqual([
      { proxy: "proxy-1" },
      { proxy: "proxy-2", skipped: "transactions end: not within 3 s" },
    ]);
    expect(world.warnings.join()).toContain("proxy-2 do not wait");
    expect(world.changes.indexOf("resume proxy-2")).toBeLessThan(
      world.changes.indexOf("switchover m-1 to m-2"),
    );
  });

  it("pauses no pool that has no lease", async () => {
    const world = new RoleWorld().failAt("lease proxy-1", 1, "failed");
    await run(world);
    expect(world.changes).not.toContain("pause proxy-1");
    expect(world.changes).toContain("pause proxy-2");
  });

  it("has no steps about pools where there are none", async () => {
    const world = new RoleWorld({ pools: [] });
    await run(world);
    expect(world.told.join()).not.toContain("pooled");
  });

  it("goes on without measuring when nobody can write before it", async () => {
    const world = new RoleWorld().failAt("probe writes 20", 1, "failed");
    const report = await run(world);
    expect(report.to).toBe("m-2");
    expect(report.outage).toBeUndefined();
    expect(world.warnings.join()).toContain("the outage is not measured");
  });

  it("waits for the checks where a proxy cannot be told", async () => {
    const world = new RoleWorld().failAt("lead-to proxy-1", 1, "failed");
    expect((await run(world)).to).toBe("m-2");
    expect(world.warnings).toEqual(["lead-to proxy-1 m-2: no: it finds out by its own checks"]);
  });

  it("ends with whoever Patroni made the leader, and says so", async () => {
    const world = new RoleWorld();
    world.promotes = "m-3";
    expect((await run(world, "m-2")).to).toBe("m-3");
    expect(world.warnings.join()).toContain("m-3 leads, and not m-2");
  });

  it("tells what was measured also when not all come back in time", async () => {
    const world = new RoleWorld();
    world.down.add("m-1");
    const error = await errorOf(run(world));
    expect(error).toMatchObject({ code: "deadline" });
    expect(world.told.at(-1)).toContain("write outage as the application saw it: 0.64 s (90 writes");
    expect(world.recorded).toHaveLength(1);
  });
});

describe("a switchover that is refused", () => {
  it.each<[string, Partial<typeof healthy>, string | undefined, string]>([
    ["when nobody leads", { members: [member("m-2")] }, undefined, "no member leads"],
    ["to nobody's name", {}, "m-9", "m-9 is no member of this cluster (m-1, m-2, m-3)"],
    ["in a pause", { paused: true }, undefined, "Patroni is paused, and leaves the roles alone"],
    ["beside another one", { scheduled: { at: "2030-01-01T00:00:00Z" } }, "m-2", "another one is scheduled"],
  ])("%s changes nothing", async (_what, observed, to, reason) => {
    const world = new RoleWorld({ observed });
    const error = await errorOf(run(world, to));
    expect(error).toBeInstanceOf(Refusal);
    expect(error).toMatchObject({ reasons: expect.arrayContaining([expect.stringContaining(reason)]) });
    expect(world.changes).toEqual([]);
    expect(world.probes).toEqual([]);
  });

  it("by Patroni says so in its words, and leaves nobody waiting", async () => {
    const world = new RoleWorld();
    world.refusal = new ActionError("refused", "Patroni: candidate name does not match with sync_standby");
    const error = await errorOf(run(world));
    expect(error).toBeInstanceOf(Refusal);
    expect(error).toMatchObject({
      reasons: [
        "Patroni: candidate name does not match with sync_standby",
        "m-2 was synchronous, lag 0 B a moment ago",
      ],
    });
    expect([...world.paused]).toEqual([]);
    expect(world.recorded).toEqual([]);
  });

  it("by Patroni after it tried is an error, and leaves nobody waiting", async () => {
    const world = new RoleWorld();
    world.refusal = new ActionError("failed", "Patroni: Switchover failed");
    const error = await errorOf(run(world));
    expect(error).toMatchObject({
      code: "failed",
      message: "switchover from m-1 to m-2: Patroni: Switchover failed",
    });
    expect([...world.paused]).toEqual([]);
  });

  it("as the candidate has no copy of a logical slot, before anybody waits", async () => {
    const world = new RoleWorld();
    const tools = { ...world.tools, uncopiedSlots: async () => ["cdc", "audit"] };
    const error = await errorOf(switchover(world.handle, { tools }, world.narrator));
    expect(error).toBeInstanceOf(Refusal);
    expect(error).toMatchObject({
      reasons: ["m-2 has its copies of the logical slots: not within 60 s: it has none of cdc, audit"],
      remedy:
        "Look why Patroni does not copy it: `docker logs m-2`. A slot that nobody needs any more is taken out of logicalSlots.",
    });
    expect(world.changes).toEqual([]);
  });

  it("as the candidate has too much to replay, before anybody waits", async () => {
    const world = new RoleWorld();
    const tools = {
      ...world.tools,
      position: async (name: string) => (name === "m-1" ? { written: 9_000_000 } : {}),
    };
    const error = await errorOf(switchover(world.handle, { tools }, world.narrator));
    expect(error).toBeInstanceOf(Refusal);
    expect(error).toMatchObject({
      reasons: ["m-2 catches up: not within 10 s: it is 8.6 MB behind with replaying"],
    });
    expect(world.changes).toEqual([]);
  });
});

describe("whatever goes wrong", () => {
  /** Every act of a switchover that goes well, with how often it happens. */
  async function everyAct(): Promise<readonly (readonly [act: string, nth: number])[]> {
    const world = new RoleWorld();
    await run(world);
    const seen = new Map<string, number>();
    return world.acts.map((act) => {
      const nth = (seen.get(act) ?? 0) + 1;
      seen.set(act, nth);
      return [act, nth] as const;
    });
  }

  it("no pool is left paused, none is paused without a lease, and the probe has stopped", async () => {
    const acts = await everyAct();
    const kinds: readonly Fault[] = ["unreachable", "failed", "bug", "interrupted", "lost"];
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...acts), fc.constantFrom(...kinds), async ([act, nth], kind) => {
        const world = new RoleWorld().failAt(act, nth, kind);
        await errorOf(run(world));
        expect(world.faulted).toBeGreaterThan(0);
        expect([...world.paused]).toEqual([]);
        for (const proxy of ["proxy-1", "proxy-2"]) {
          const [leased, paused] = [`lease ${proxy}`, `pause ${proxy}`].map((one) => world.acts.indexOf(one));
          if (paused !== -1) expect(leased).toBeLessThan(paused ?? -1);
        }
        expect(world.probes.every(({ stopped }) => stopped)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it("a pool that cannot be told to go on still has its lease", async () => {
    const world = new RoleWorld();
    const tools = {
      ...world.tools,
      pools: world.tools.pools.map((pool) => ({
        ...pool,
        connect: async () => ({
          ...(await pool.connect()),
          resume: () => Promise.reject(new ActionError("unreachable", "nobody answers")),
        }),
      })),
    };
    await switchover(world.handle, { tools }, world.narrator);
    expect([...world.paused]).toEqual(["proxy-1", "proxy-2"]);
    expect([...world.leases.keys()]).toEqual(["proxy-1", "proxy-2"]);
    expect(
      world.warnings.filter((text) => text.includes("wait until its lease ends, 12 s at most")),
    ).toHaveLength(2);
  });

  it("whoever interrupts before it was asked for has changed nothing", async () => {
    const world = new RoleWorld().failAt("pause proxy-1", 1, "interrupted");
    expect(await errorOf(run(world))).toMatchObject({ message: "interrupted" });
    expect(world.acts).not.toContain("switchover m-1 to m-2");
    expect([...world.paused]).toEqual([]);
  });

  it("whoever interrupts afterwards is told that Patroni goes on", async () => {
    const world = new RoleWorld().failAt("switchover", 1, "interrupted");
    expect(await errorOf(run(world))).toMatchObject({ message: "interrupted" });
    expect(world.warnings.join()).toContain("Patroni ends by itself what it has begun");
    expect([...world.paused]).toEqual([]);
  });

  it("an answer of Patroni's that is lost is no failure when the roles change", async () => {
    const world = new RoleWorld().failAt("switchover", 1, "lost");
    expect((await run(world)).to).toBe("m-2");
  });

  it("an answer that is lost is a failure when they do not", async () => {
    const world = new RoleWorld().failAt("switchover", 1, "unreachable");
    const error = await errorOf(run(world));
    expect(error).toMatchObject({ code: "failed" });
    expect(String(error)).toContain("Patroni's answer was lost, and m-1 still leads");
    expect([...world.paused]).toEqual([]);
  });
});
