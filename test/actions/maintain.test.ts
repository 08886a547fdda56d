import { beforeEach, describe, expect, it } from "vitest";
import { ActionError } from "../../actions/action-error.ts";
import type { ClusterEvent } from "../../actions/events.ts";
import { lengthsFrom } from "../../actions/maintenance/lengths.ts";
import type { MaintenanceLook } from "../../actions/maintenance/look.ts";
import type { MemberReport } from "../../actions/status/members.ts";
import { type MaintainOptions, maintain } from "../../actions/verbs/maintain.ts";
import { Refusal } from "../../actions/verbs/verb.ts";
import { FakeCluster } from "../provider/fake-cluster.ts";
import { FakeServers, listener } from "./fake-servers.ts";
import { handleOf } from "./test-handle.ts";

const times = { start: "02:00", minutes: 60, timeZone: "UTC" };
const open = "2026-06-10T02:00:00.000Z";
const closed = "2026-06-10T12:00:00.000Z";
const nextDay = "2026-06-11T02:00:00.000Z";

let cluster: FakeServers;
let told: ReturnType<typeof listener>;

beforeEach(() => {
  cluster = new FakeServers();
  told = listener();
});

/** A restart of each role as it was measured before. */
function measured(standbyMs: number, leaderMs: number): ClusterEvent[] {
  return [{ at: "2026-06-01T02:00:00Z", kind: "restart", detail: { standbyMs, leaderMs, outageMs: 2400 } }];
}

/** What `status` says of the servers as they are. */
function look(): MaintenanceLook {
  const members = cluster.servers.map((server): MemberReport => {
    return {
      ...{ name: server.name, address: null, declared: true, state: server.state, timeline: 3 },
      ...{ zone: null, eligible: true, nosync: false },
      ...{ lagBytes: null, lagSeconds: null, sync: null, answers: true, reason: null },
      role: server.name === cluster.leader ? "leader" : "quorum_standby",
      pendingRestart: server.pendingRestart ? ["max_connections"] : [],
    };
  });
  const paused = cluster.config["pause"] === true;
  return { haState: "Healthy", members, certificates: [], scheduled: [], paused, unknown: [] };
}

interface Run extends MaintainOptions {
  readonly at?: string;
  readonly events?: readonly ClusterEvent[];
  readonly seen?: Partial<MaintenanceLook>;
}

function run({ at = open, events = [], seen = {}, ...options }: Run = {}) {
  const handle = { ...handleOf(new FakeCluster()), ...cluster.handle, maintenance: times };
  const time = () => new Date(Date.parse(at) + cluster.clock.now());
  const sources = { look: async () => ({ ...look(), ...seen }), events: async () => events };
  return maintain(handle, { time, sources, ...options }, told.narrator);
}

function wait(...names: string[]): void {
  for (const name of names) cluster.server(name).pendingRestart = true;
}

describe("maintenance in its window", () => {
  it("restarts who waits for it, standbys first and the leader last, and nobody else", async () => {
    wait("dev-1", "dev-3");
    const report = await run();
    expect(cluster.calls).toEqual(["restart dev-3", "restart dev-1"]);
    expect(report).toMatchObject({
      cluster: "dev",
      window: { start: open, end: "2026-06-10T03:00:00.000Z", open: true },
      restarted: [
        { member: "dev-3", role: "standby" },
        { member: "dev-1", role: "leader" },
      ],
      waiting: [],
      unknown: [],
    });
  });

  it("tells before what it will do, and what that took before", async () => {
    wait("dev-1", "dev-3");
    await run({ events: measured(12_000, 9_000) });
    expect(told.lines.slice(0, 3)).toEqual([
      "note the window is every day from 02:00, for 60 minutes (UTC): it is open until 2026-06-10T03:00:00.000Z",
      "note restart of dev-3, a standby, for max_connections: about 12 s (measured)",
      "note restart of dev-1, the leader, for max_connections: about 9.0 s (measured), nobody writes for about 2.4 s of it",
    ]);
  });

  it("says so when nothing is pending, and touches nobody", async () => {
    expect(await run()).toMatchObject({ pending: [], restarted: [], waiting: [] });
    expect([cluster.calls, told.lines.at(-1)]).toEqual([[], "note nothing is pending"]);
  });

  it("begins no step that would outlast it; that one and all after it wait, with when", async () => {
    wait("dev-1", "dev-2", "dev-3");
    cluster.onRestart = () => void cluster.clock.sleep(30_000);
    const report = await run({ at: "2026-06-10T02:59:10Z", events: measured(35_000, 1_000) });
    expect(cluster.calls).toEqual(["restart dev-2"]);
    expect(report.waiting.map(({ what, at }) => [what.slice(0, 16), at])).toEqual([
      ["restart of dev-3", nextDay],
      ["restart of dev-1", "2026-06-11T02:00:35.000Z"],
    ]);
  });

  it("lets the leader wait when a standby does, however soon the leader would be done", async () => {
    wait("dev-1", "dev-3");
    const report = await run({ at: "2026-06-10T02:59:30Z", events: measured(31_000, 1_000) });
    expect(cluster.calls).toEqual([]);
    expect(report.waiting).toEqual([
      {
        what: "restart of dev-3, a standby, for max_connections",
        at: nextDay,
        because: "it would not be done by 2026-06-10T03:00:00.000Z",
      },
      {
        what: "restart of dev-1, the leader, for max_connections",
        at: "2026-06-11T02:00:31.000Z",
        because: "dev-3 comes first",
      },
    ]);
  });

  it("takes two minutes for a restart that nobody has measured", async () => {
    wait("dev-3");
    expect((await run({ at: "2026-06-10T02:58:01Z" })).waiting).toHaveLength(1);
    expect((await run({ at: "2026-06-10T02:58:00Z" })).restarted).toHaveLength(1);
  });

  it("restarts a standby again that still waits once the leader has the lower value", async () => {
    wait("dev-1", "dev-2");
    // It starts with the larger value for as long as the leader has it, and says so.
    const still = { get: () => cluster.calls.length < 3, set: () => undefined };
    Object.defineProperty(cluster.server("dev-2"), "pendingRestart", still);
    await run();
    expect(cluster.calls).toEqual(["restart dev-2", "restart dev-1", "restart dev-2"]);
  });

  it("leaves a new leader alone that was to restart as a standby", async () => {
    wait("dev-2", "dev-3");
    cluster.onRestart = ({ name }) => {
      if (name !== "dev-2") return;
      cluster.leader = "dev-3";
      Object.assign(cluster.server("dev-3"), { streams: false, synchronous: false });
      Object.assign(cluster.server("dev-1"), { streams: true, synchronous: true });
    };
    const report = await run();
    expect(cluster.calls).toEqual(["restart dev-2"]);
    expect(report.waiting).toMatchObject([{ because: "dev-3 leads by now, and the leader is the last" }]);
  });
});

describe("maintenance outside of its window", () => {
  it("does nothing, and says when what is pending will be done", async () => {
    wait("dev-1", "dev-2");
    const report = await run({ at: closed, events: measured(12_000, 9_000) });
    expect(cluster.calls).toEqual([]);
    expect(report).toMatchObject({ window: { start: nextDay, open: false }, restarted: [] });
    expect(report.waiting.map(({ at, because }) => [at, because])).toEqual([
      [nextDay, "the window is closed"],
      ["2026-06-11T02:00:12.000Z", "the window is closed"],
    ]);
    expect(told.lines[0]).toContain(
      "the next one is from 2026-06-11T02:00:00.000Z to 2026-06-11T03:00:00.000Z",
    );
  });

  it("works all the same when it is told to, however long it takes", async () => {
    wait("dev-1", "dev-2");
    const report = await run({ at: closed, anyTime: true, events: measured(7_200_000, 7_200_000) });
    expect(cluster.calls).toEqual(["restart dev-2", "restart dev-1"]);
    expect(report.waiting).toEqual([]);
  });

  it("says what to do about a step that is longer than any window", async () => {
    wait("dev-1", "dev-2");
    const report = await run({ events: measured(7_200_000, 1_000) });
    expect(cluster.calls).toEqual([]);
    expect(report.waiting.map(({ at, because }) => [at, because])).toEqual([
      [
        null,
        "it takes about 120 min (measured), and a window has 60 min: raise maintenance.minutes, or use --now",
      ],
      [null, "dev-2 comes first"],
    ]);
  });
});

describe("a dry run", () => {
  it.each([
    ["in the window", open, false, [open, "2026-06-10T02:40:00.000Z"]],
    ["late in the window", "2026-06-10T02:15:00.000Z", false, ["2026-06-10T02:15:00.000Z", nextDay]],
    ["outside of it", closed, false, [nextDay, "2026-06-11T02:40:00.000Z"]],
    ["of work at any time", closed, true, [closed, closed]],
  ])("%s touches nobody, and says when each step would begin", async (_title, at, anyTime, expected) => {
    wait("dev-1", "dev-2");
    const report = await run({ at, anyTime, dryRun: true, events: measured(2_400_000, 1_200_000) });
    expect(cluster.calls).toEqual([]);
    expect(report.waiting.map((one) => one.at)).toEqual(expected);
  });
});

describe("what others do is listed, and left to them", () => {
  it("certificates that are due, once for each part, and what Patroni does by itself", async () => {
    const shown = { expires: "2026-07-01T00:00:00Z" };
    const report = await run({
      seen: {
        certificates: [
          { part: "dev-1", at: "10.0.0.1:5432", daysLeft: 29, ...shown },
          { part: "dev-1", at: "10.0.0.1:8008", daysLeft: 29, ...shown },
          { part: "dev-2", at: "10.0.0.2:5432", daysLeft: 30, ...shown },
          { part: "authority", at: null, daysLeft: 10, ...shown },
        ],
        scheduled: [{ what: "switchover to dev-2", at: nextDay }],
      },
    });
    expect(report.waiting).toEqual([
      {
        what: "certificate of dev-1, of which 29 days are left",
        at: null,
        because: "the next `pulumi up` renews it, and nothing restarts",
      },
      {
        what: "certificate of authority, of which 10 days are left",
        at: null,
        because: "`pulumi up` replaces it once rotation.authority is raised by one",
      },
      { what: "switchover to dev-2", at: nextDay, because: "Patroni does it by itself" },
    ]);
  });

  it("and so is what could not be asked", async () => {
    const events = () => Promise.reject(new ActionError("unreachable", "nobody leads"));
    const unknown = [{ what: "certificates", reason: "no answer within 5 s" }];
    const report = await run({ sources: { look: async () => ({ ...look(), unknown }), events } });
    expect(report.unknown).toEqual([
      ...unknown,
      { what: "what restarts took before", reason: "nobody leads" },
    ]);
  });
});

describe("what a restart takes", () => {
  const event = (detail: ClusterEvent["detail"], kind = "restart") => ({ at: "", kind, detail });

  it("is the longest of the newest ten that were noted, for each role by itself", () => {
    const events = [
      event({ standbyMs: 90_000, leaderMs: 20_000, outageMs: 3000 }),
      ...Array.from({ length: 10 }, (_, index) => event({ standbyMs: 1000 * index })),
      event({ standbyMs: 60_000 }, "switchover"),
      event({ standbyMs: "long", leaderMs: null }),
    ];
    expect(lengthsFrom(events)).toEqual({
      standby: { milliseconds: 9000, measured: true },
      leader: { milliseconds: 20_000, measured: true },
      outageMs: 3000,
    });
  });

  it("is assumed when nothing was noted", () => {
    const assumed = { milliseconds: 120_000, measured: false };
    expect(lengthsFrom([])).toEqual({ standby: assumed, leader: assumed, outageMs: null });
  });

  it("is noted, for the next time", async () => {
    wait("dev-1", "dev-3");
    await run();
    expect(cluster.events).toHaveLength(2);
    expect(cluster.events[0]).toMatch(/^restart \{.*"members":\["dev-3"\],"standbyMs":\d+/);
    expect(cluster.events[1]).toMatch(/^restart \{.*"members":\["dev-1"\],"leaderMs":\d+/);
  });
});

describe("maintenance that cannot be done", () => {
  it("is refused while Patroni is paused, when there is something to do", async () => {
    cluster.config = { ...cluster.config, pause: true };
    expect((await run()).pending).toEqual([]);
    wait("dev-2");
    await expect(run()).rejects.toThrow(Refusal);
    await expect(run()).rejects.toThrow(/Patroni is paused.*spiloctl resume/);
    expect(cluster.calls).toEqual([]);
  });

  it("is an error when no member answers, and when the stack names no window", async () => {
    await expect(run({ seen: { haState: null } })).rejects.toMatchObject({ code: "unreachable" });
    await expect(maintain(handleOf(new FakeCluster()), {}, told.narrator)).rejects.toThrow(
      /the stack's outputs name no maintenance window: run `pulumi up`/,
    );
  });

  it("says who was done before it stopped", async () => {
    wait("dev-2", "dev-3");
    cluster.refuseRestartOf.add("dev-3");
    await expect(run()).rejects.toThrow(
      new ActionError(
        "failed",
        "maintenance stopped at dev-3: POST /restart: 503 restart failed. Restarted before it: dev-2",
      ),
    );
  });

  it("is refused as a restart is while another member is out of service", async () => {
    wait("dev-2");
    cluster.down("dev-3");
    await expect(run()).rejects.toThrow(/dev-3 is stopped.*Nothing was changed/);
    expect(cluster.calls).toEqual([]);
  });
});
