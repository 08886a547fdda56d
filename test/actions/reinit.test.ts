import { beforeEach, describe, expect, it } from "vitest";
import { ActionError } from "../../actions/action-error.ts";
import { type ReinitOptions, type ReinitReport, reinit } from "../../actions/verbs/reinit.ts";
import { Refusal } from "../../actions/verbs/verb.ts";
import { FakeServers, listener } from "./fake-servers.ts";

const log = `
2026-01-01 00:00:00 INFO: replica has been created using wal_e
2026-01-01 00:00:00 INFO: bootstrapped from leader 'dev-2'
2026-01-02 00:00:00 INFO: bootstrap from leader 'dev-1' in progress
2026-01-02 00:00:09 INFO: replica has been created using basebackup
2026-01-02 00:00:09 INFO: bootstrapped from leader 'dev-1'
`;

let cluster: FakeServers;
let told: ReturnType<typeof listener>;

beforeEach(() => {
  cluster = new FakeServers();
  told = listener();
});

function run(member: string, options: Partial<ReinitOptions> = {}): Promise<ReinitReport> {
  const standard = { deadlineMs: 20_000, readLog: async () => log };
  return reinit(cluster.handle, { member, ...standard, ...options }, told.narrator);
}

describe("reinit", () => {
  it("copies a standby anew, and waits until the new server streams", async () => {
    const report = await run("dev-3");
    expect(cluster.calls).toEqual(["reinitialize dev-3"]);
    // Not the old one, which streamed a while longer.
    expect(cluster.server("dev-3")).toMatchObject({ started: 2, streams: true });
    expect(report).toMatchObject({ cluster: "dev", member: "dev-3", withoutSynchronousMs: 0 });
    expect(report.milliseconds).toBeGreaterThan(0);
    const noted = /^reinit \{"member":"dev-3","copied":"basebackup","tookMs":\d+\}$/;
    expect(cluster.events).toEqual([expect.stringMatching(noted)]);
  });

  it("says how it was copied, as the end of the member's log has it", async () => {
    const asked: unknown[] = [];
    const report = await run("dev-3", {
      readLog: async (...question) => {
        asked.push(question);
        return log;
      },
    });
    expect(report.copied).toEqual({ method: "basebackup", from: "leader dev-1" });
    expect(asked).toEqual([["engine of dev-3", "dev-3", 200]]);
    expect(told.lines).toEqual([
      "step dev-3 copies its data anew, dev-1 leads",
      "step dev-3 streams again, copied by basebackup from the leader dev-1",
    ]);
  });

  it.each([
    ["does not tell", async () => "started"],
    [
      "cannot be read",
      async () => {
        throw new ActionError("unreachable", "the log of dev-3: no engine");
      },
    ],
  ])("goes well without that when the log %s", async (_title, readLog) => {
    expect(await run("dev-3", { readLog })).not.toHaveProperty("copied");
    expect(told.lines.at(-1)).toBe("step dev-3 streams again");
  });

  it("repairs a standby that is out of service, be it the only one", async () => {
    cluster = new FakeServers(2);
    cluster.down("dev-2");
    const report = await run("dev-2");
    expect(cluster.server("dev-2")).toMatchObject({ streams: true, synchronous: true });
    expect(report.withoutSynchronousMs).toBeGreaterThan(0);
  });

  it("of the only standby takes --force, and says for how long no commit waited for one", async () => {
    cluster = new FakeServers(2);
    cluster.delay = 10;
    const report = await run("dev-2", { force: true });
    expect(report.withoutSynchronousMs).toBeGreaterThan(0);
    expect(report.withoutSynchronousMs).toBeLessThanOrEqual(report.milliseconds);
    expect(told.lines[0]).toBe(
      "warn dev-2 is the only standby in service: until it is copied, no commit waits for a standby and nobody can take over",
    );
  });

  it("warns that nobody tries again while Patroni is paused", async () => {
    cluster.config = { ...cluster.config, pause: true };
    await run("dev-3");
    expect(told.lines[0]).toBe("warn Patroni is paused: a copy that fails is not tried again");
  });

  it("that does not end in time says what the member does", async () => {
    cluster.delay = 1000;
    const failure = await run("dev-3").catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: "deadline",
      message: expect.stringMatching(
        /^dev-3 streams again: not within 20 s: dev-3 .*The copy goes on: `docker logs dev-3`/,
      ),
    });
  });
});

describe("reinit is refused, and touches nobody", () => {
  it.each([
    [
      "for the leader",
      "dev-1",
      () => undefined,
      "refused: dev-1 leads: its data is what the others are copied from. Nothing was changed. Hand the leadership over first: `spiloctl switchover`.",
    ],
    [
      "for a name that is no member's",
      "dev-9",
      () => undefined,
      "refused: dev-9 is no member of this cluster. Nothing was changed. Its members are dev-1, dev-2, dev-3.",
    ],
    [
      "for a member whose Patroni does not run",
      "dev-3",
      () => cluster.gone("dev-3"),
      "refused: the Patroni of dev-3 does not run, so nobody can copy anything there. Nothing was changed. Start it first: `docker start dev-3`; `docker logs dev-3` says why it ended.",
    ],
    [
      "for the last standby in service",
      "dev-2",
      () => cluster.down("dev-3"),
      "refused: dev-2 is the only standby in service; until it is copied, no commit waits for a standby and nobody can take over. Nothing was changed. To do it all the same: --force.",
    ],
  ])("%s", async (_title, member, prepare, message) => {
    prepare();
    const failure = await run(member).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Refusal);
    expect(failure).toHaveProperty("message", message);
    expect(cluster.calls).toEqual([]);
  });

  it("for the last standby where each commit has to wait for one, with --force too", async () => {
    cluster = new FakeServers(2);
    cluster.config = { ...cluster.config, synchronous_mode_strict: true };
    await expect(run("dev-2", { force: true })).rejects.toThrow(
      "refused: dev-2 is the only standby in service, and no commit returns without one (synchronous.durability is " +
        "required). Nothing was changed. Set synchronous.durability to preferred for as long as it takes, or add a member first.",
    );
    expect(cluster.calls).toEqual([]);
  });

  it("when nobody leads", async () => {
    cluster.leader = undefined;
    cluster.down("dev-1");
    await expect(run("dev-2")).rejects.toMatchObject({
      code: "no-leader",
      message:
        "no member leads: dev-1 stopped; dev-2 streaming; dev-3 streaming. `spiloctl status` shows what stands",
    });
  });
});
