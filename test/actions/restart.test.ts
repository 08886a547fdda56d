import { beforeEach, describe, expect, it } from "vitest";
import { ActionError } from "../../actions/action-error.ts";
import type { ProbeResult, WriteProbe } from "../../actions/probe/write-probe.ts";
import { type RestartReport, type RestartVerbOptions, restart } from "../../actions/verbs/restart.ts";
import { Refusal } from "../../actions/verbs/verb.ts";
import { FakeServers, listener } from "./fake-servers.ts";

let cluster: FakeServers;
let told: ReturnType<typeof listener>;

beforeEach(() => {
  cluster = new FakeServers();
  told = listener();
});

function run(options: RestartVerbOptions = {}): Promise<RestartReport> {
  return restart(cluster.handle, { deadlineMs: 5000, ...options }, told.narrator);
}

/** Details of the events that were noted. */
function noted(): unknown[] {
  return cluster.events.map((event) => JSON.parse(event.replace(/^restart /, "")));
}

describe("restart", () => {
  it("takes the standbys one after the other, and the leader last", async () => {
    cluster.leader = "dev-2";
    Object.assign(cluster.server("dev-1"), { streams: true, synchronous: true });
    Object.assign(cluster.server("dev-2"), { streams: false, synchronous: false });
    const report = await run();
    expect(cluster.calls).toEqual(["restart dev-1", "restart dev-3", "restart dev-2"]);
    expect(report).toMatchObject({ cluster: "dev", already: false, leader: "dev-2" });
    expect(report.restarted.map(({ member, role }) => `${member} ${role}`)).toEqual([
      "dev-1 standby",
      "dev-3 standby",
      "dev-2 leader",
    ]);
    expect(told.lines).toEqual([
      "step dev-1 restarted, streams again",
      "step dev-3 restarted, streams again",
      "step dev-2 restarted, leads again",
    ]);
  });

  it("goes on only when the one before streams, and as many are synchronous as before", async () => {
    const states: string[] = [];
    cluster.onRestart = () =>
      states.push(cluster.servers.map(({ streams, synchronous }) => `${streams}/${synchronous}`).join(" "));
    await run({ members: ["dev-2", "dev-3"] });
    // Each time, nobody but the one that restarts is missing.
    expect(states).toEqual(["false/false false/false true/true", "false/false true/true false/false"]);
  });

  it("is noted with who has restarted", async () => {
    await run({ members: ["dev-2", "dev-3"] });
    expect(noted()).toEqual([
      { leader: "dev-1", members: ["dev-2", "dev-3"], standbyMs: expect.any(Number) },
    ]);
  });

  it("takes only those that wait for a restart, by what they say themselves", async () => {
    cluster.server("dev-3").pendingRestart = true;
    await run({ pending: true });
    expect(cluster.calls).toEqual(["restart dev-3"]);
  });

  it("says so when none waits, and touches nobody", async () => {
    const report = await run({ pending: true });
    expect(cluster.events).toEqual([]);
    expect(report).toEqual({
      cluster: "dev",
      already: true,
      restarted: [],
      leader: "dev-1",
    });
    expect([cluster.calls, told.lines]).toEqual([[], ["note no member waits for a restart"]]);
  });

  it("works while Patroni is paused", async () => {
    cluster.config = { ...cluster.config, pause: true };
    await run({ members: ["dev-2"] });
    expect(cluster.calls).toEqual(["restart dev-2"]);
  });

  it("brings a member back that is out of service", async () => {
    cluster.down("dev-3");
    await run({ members: ["dev-3"] });
    expect(cluster.calls).toEqual(["restart dev-3"]);
    expect(cluster.server("dev-3").streams).toBe(true);
  });

  it("of a single member is an outage and nothing else", async () => {
    cluster = new FakeServers(1);
    expect((await run()).restarted.map(({ role }) => role)).toEqual(["leader"]);
  });
});

describe("restart is refused, and touches nobody", () => {
  it.each([
    [
      "when another member is out of service",
      () => cluster.down("dev-3"),
      {},
      "refused: dev-3 is stopped; with another one down, too few might be left that have each commit. Nothing was " +
        "changed. Bring it back first (`docker logs dev-3` says more), or restart all the same with --force.",
    ],
    [
      "when another member is gone",
      () => cluster.gone("dev-3"),
      { members: ["dev-2"] },
      "refused: dev-3 is not in the cluster; with another one down, too few might be left that have each commit. " +
        "Nothing was changed. Bring it back first (`docker logs dev-3` says more), or restart all the same with --force.",
    ],
    [
      "for a name that is no member's",
      () => undefined,
      { members: ["dev-2", "dev-7"] },
      "refused: dev-7 is no member of this cluster. Nothing was changed. Its members are dev-1, dev-2, dev-3.",
    ],
  ])("%s", async (_title, prepare, options, message) => {
    prepare();
    const failure = await run(options).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Refusal);
    expect(failure).toHaveProperty("message", message);
    expect(cluster.calls).toEqual([]);
  });

  it("without --force alone: with it, it goes on and says so", async () => {
    cluster.down("dev-3");
    await run({ members: ["dev-2"], force: true });
    expect(cluster.calls).toEqual(["restart dev-2"]);
    expect(told.lines[0]).toBe("warn dev-3 is stopped: restarting others all the same");
  });

  it("with the way out when the cluster is stopped", async () => {
    cluster.stopAll();
    await expect(run()).rejects.toThrow(
      new ActionError("no-leader", "cluster dev is stopped by `spiloctl stop`: run `spiloctl start` first"),
    );
  });
});

describe("a restart that fails", () => {
  it("stops there, and says who has restarted", async () => {
    cluster.refuseRestartOf.add("dev-3");
    const failure = await run().catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: "failed",
      message: "dev-3: did not restart: POST /restart: 503 restart failed. Restarted before it: dev-2",
    });
    expect(cluster.calls).toEqual(["restart dev-2", "restart dev-3"]);
    expect(noted()).toMatchObject([{ leader: "dev-1", members: ["dev-2"] }]);
  });

  it("to come back in time says what the member is", async () => {
    cluster.delay = 1000;
    const failure = await run({ members: ["dev-2"] }).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: "deadline",
      message:
        "dev-2: did not restart: dev-2 is in service again: not within 5 s: dev-2 does not stream from dev-1 yet. " +
        "`docker logs dev-2` says more. No other member was restarted",
    });
  });

  it("is told when somebody else leads in the end", async () => {
    cluster.onRestart = ({ name }) => {
      if (name !== "dev-1") return;
      cluster.leader = "dev-2";
      Object.assign(cluster.server("dev-2"), { streams: false, synchronous: false });
      cluster.server("dev-1").synchronous = true;
    };
    const report = await run();
    expect(report.leader).toBe("dev-2");
    expect(told.lines).toContain("warn dev-2 leads now, in place of dev-1");
  });
});

describe("the outage of the leader's restart", () => {
  const seen: ProbeResult = {
    acknowledged: 40,
    failures: 0,
    missing: [],
    longestGapMs: 900,
    gapBegan: "2026-01-01T00:00:00.000Z",
    stillOut: false,
  };

  /** Notes its calls beside those of the cluster. */
  function probe(fails?: "before" | "after"): () => WriteProbe {
    let asked = 0;
    return () => ({
      writes: async () => {
        asked += 1;
        cluster.calls.push("writes");
        const wrong = fails === (asked === 1 ? "before" : "after");
        if (wrong) throw new ActionError("deadline", "20 commits through the endpoint: not within 10 s");
      },
      stop: async () => {
        cluster.calls.push("probe ends");
        return seen;
      },
    });
  }

  it("is what a writer sees from before it until after it", async () => {
    const report = await run({ startProbe: probe() });
    expect(report.outage).toEqual(seen);
    expect(cluster.calls.slice(2)).toEqual(["writes", "restart dev-1", "writes", "probe ends"]);
    const measured = { standbyMs: expect.any(Number), leaderMs: expect.any(Number), outageMs: 900, lost: 0 };
    expect(noted()).toEqual([{ leader: "dev-1", members: ["dev-2", "dev-3", "dev-1"], ...measured }]);
  });

  it("is not measured where only standbys restart", async () => {
    const report = await run({ members: ["dev-3"], startProbe: probe() });
    expect(report).not.toHaveProperty("outage");
    expect(cluster.calls).toEqual(["restart dev-3"]);
  });

  it.each(["before", "after"] as const)("is left out when nobody could write %s it", async (when) => {
    const report = await run({ members: ["dev-1"], startProbe: probe(when) });
    expect(report.restarted).toHaveLength(1);
    expect(report).not.toHaveProperty("outage");
    expect(told.lines).toContain(
      "warn the outage is not measured: 20 commits through the endpoint: not within 10 s",
    );
    expect(cluster.calls.at(-1)).toBe("probe ends");
  });

  it("leaves no probe behind when the restart fails", async () => {
    cluster.refuseRestartOf.add("dev-1");
    await expect(run({ members: ["dev-1"], startProbe: probe() })).rejects.toThrow(/did not restart/);
    expect(cluster.calls.at(-1)).toBe("probe ends");
  });
});
