import { beforeEach, describe, expect, it } from "vitest";
import { type StartReport, start } from "../../actions/verbs/start.ts";
import { type StopReport, stop } from "../../actions/verbs/stop.ts";
import { Refusal } from "../../actions/verbs/verb.ts";
import { FakeServers, listener } from "./fake-servers.ts";

let cluster: FakeServers;
let told: ReturnType<typeof listener>;

beforeEach(() => {
  cluster = new FakeServers();
  told = listener();
});

function stopped(): Promise<StopReport> {
  return stop(cluster.handle, { deadlineMs: 5000 }, told.narrator);
}

function started(deadlineMs = 20_000): Promise<StartReport> {
  return start(cluster.handle, { deadlineMs }, told.narrator);
}

/** Servers in the order in which they ended. */
function ended(): string[] {
  return cluster.calls.filter((call) => call.startsWith("stop ")).map((call) => call.slice("stop ".length));
}

describe("stop", () => {
  it("pauses Patroni, marks the cluster, and ends the servers, the leader last", async () => {
    cluster.leader = "dev-2";
    const report = await stopped();
    expect(cluster.config).toMatchObject({ pause: true, spilo: { stopped: true } });
    expect(ended()).toEqual(["dev-1", "dev-3", "dev-2"]);
    expect(report).toMatchObject({ cluster: "dev", already: false });
    expect(report.members.map(({ member, outcome }) => `${member} ${outcome}`)).toEqual([
      "dev-1 stopped",
      "dev-3 stopped",
      "dev-2 stopped",
    ]);
    expect(told.lines).toEqual([
      "step Patroni is paused, on every member that answers",
      "step dev-1 stopped",
      "step dev-3 stopped",
      "step dev-2 stopped",
      "note containers, etcd and the endpoint go on; `spiloctl start` starts the servers again",
    ]);
  });

  it("ends no server before every Patroni knows that it may not start one", async () => {
    const known: boolean[] = [];
    const { handle } = cluster;
    const watching: typeof handle.execOn =
      (part) =>
      async (...question) => {
        known.push(cluster.servers.every(({ paused }) => paused));
        return handle.execOn(part)(...question);
      };
    await stop({ ...handle, execOn: watching }, {}, told.narrator);
    expect(known).toEqual([true, true, true]);
  });

  it("has every commit wait for a standby from before the first server ends until none runs", async () => {
    const strict: unknown[] = [];
    const { handle } = cluster;
    const watching: typeof handle.execOn =
      (part) =>
      async (...question) => {
        strict.push(cluster.config["synchronous_mode_strict"]);
        return handle.execOn(part)(...question);
      };
    await stop({ ...handle, execOn: watching }, {}, told.narrator);
    expect(strict).toEqual([true, true, true]);
    expect(cluster.config).toMatchObject({ synchronous_mode_strict: false, spilo: { stopped: true } });
  });

  it("takes the leader first where commits wait for nobody: it ends when the standbys have all", async () => {
    cluster.config = { ...cluster.config, synchronous_mode: "off" };
    cluster.leader = "dev-2";
    await stopped();
    expect(ended()).toEqual(["dev-2", "dev-1", "dev-3"]);
    expect(cluster.calls.slice(0, 2)).toEqual(['PATCH {"spilo":{"stopped":true}}', 'PATCH {"pause":true}']);
  });

  it("is noted while somebody can note it, and so is the start", async () => {
    await stopped();
    expect(cluster.events).toEqual(['stop {"leader":"dev-1"}']);
    await stopped();
    await started();
    await started();
    expect(cluster.events).toEqual([
      'stop {"leader":"dev-1"}',
      expect.stringMatching(/^start \{"leader":"dev-1","tookMs":\d+\}$/),
    ]);
  });

  it("is done as the user who runs the server", async () => {
    await stopped();
    expect(cluster.calls.filter((call) => call.includes(" in "))).toEqual([
      "postgres in dev-2: sh -c",
      "postgres in dev-3: sh -c",
      "postgres in dev-1: sh -c",
    ]);
  });

  it("a second time ends nothing and says so", async () => {
    await stopped();
    told = listener();
    cluster.calls.length = 0;
    const report = await stopped();
    expect(report.already).toBe(true);
    expect(report.members.map(({ outcome }) => outcome)).toEqual(["idle", "idle", "idle"]);
    expect(cluster.calls.filter((call) => !call.includes(" in "))).toEqual([]);
    expect(told.lines.at(-1)).toBe("note cluster dev is stopped already");
  });

  it("stops a paused cluster, and one of which members are missing", async () => {
    cluster.config = { ...cluster.config, pause: true };
    for (const server of cluster.servers) server.paused = true;
    cluster.down("dev-2");
    cluster.gone("dev-3");
    const report = await stopped();
    expect(report.members.map(({ member, outcome }) => `${member} ${outcome}`)).toEqual([
      "dev-2 idle",
      "dev-3 absent",
      "dev-1 stopped",
    ]);
    expect(told.lines).toContain("warn dev-3: its container does not run");
  });

  it("goes on with the others when one does not stop, and tells it in the end", async () => {
    cluster.refuseStopOf.add("dev-1");
    const failure = await stopped().catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: "deadline",
      message:
        "dev-1: PostgreSQL did not stop: pg_ctl: server does not shut down. Patroni is paused, and the other servers " +
        "are stopped: run `spiloctl stop` again, or `spiloctl start`",
    });
    expect(ended()).toEqual(["dev-2", "dev-3"]);
    // It leads, and still acknowledges nothing alone.
    expect(cluster.config).toMatchObject({ synchronous_mode_strict: true });
    cluster.refuseStopOf.clear();
    expect(await stopped()).toMatchObject({ already: false });
    expect(cluster.config).toMatchObject({ synchronous_mode_strict: false });
  });

  it("does not wait for ever for a Patroni that never hears of the pause", async () => {
    cluster.delay = 10_000;
    await stopped();
    expect(ended()).toEqual(["dev-2", "dev-3", "dev-1"]);
    expect(told.lines[0]).toMatch(
      /^warn every member has noticed the pause: not within 60 s: .*may be started again$/,
    );
  });

  it("is not begun when no member answers: Patroni would start what is stopped", async () => {
    for (const { name } of cluster.servers) cluster.gone(name);
    await expect(stopped()).rejects.toMatchObject({ code: "unreachable" });
    expect(cluster.calls).toEqual([]);
  });
});

describe("start", () => {
  it("has Patroni start the servers, and waits until all are in service", async () => {
    await stopped();
    cluster.calls.length = 0;
    told = listener();
    const report = await started();
    expect(cluster.calls).toEqual(['PATCH {"pause":null,"spilo":null}']);
    expect(cluster.config).not.toHaveProperty("spilo");
    expect(cluster.config).toMatchObject({ synchronous_mode_strict: false });
    expect(report).toMatchObject({ cluster: "dev", already: false, leader: "dev-1", synchronousStandbys: 2 });
    expect(cluster.servers.map(({ state }) => state)).toEqual(["running", "running", "running"]);
    expect(told.lines).toEqual([
      "step Patroni starts the servers",
      "step dev-1 leads, all others stream, 2 synchronous",
    ]);
  });

  it("sets back what a stop that was killed has left", async () => {
    cluster.refuseStopOf.add("dev-1");
    await stopped().catch(() => undefined);
    cluster.refuseStopOf.clear();
    await started();
    expect(cluster.config).toEqual(new FakeServers().config);
  });

  it("of a running cluster changes nothing and says so", async () => {
    expect(await started()).toMatchObject({ already: true, leader: "dev-1" });
    expect([cluster.calls, told.lines]).toEqual([[], ["note cluster dev is running already"]]);
  });

  it("a second time waits on for what the first has begun", async () => {
    cluster.stopAll();
    cluster.delay = 1000;
    await expect(started(1000)).rejects.toMatchObject({
      code: "deadline",
      message: expect.stringMatching(
        /^cluster dev is in service: not within 1 s: .*dev-1 is stopped; dev-2 is stopped/,
      ),
    });
    cluster.delay = 0;
    for (const { name } of cluster.servers) cluster.server(name).state = "running";
    Object.assign(cluster, { leader: "dev-1" });
    for (const name of ["dev-2", "dev-3"])
      Object.assign(cluster.server(name), { streams: true, synchronous: true });
    expect(await started()).toMatchObject({ already: true });
  });

  it("is not over while too few standbys are synchronous", async () => {
    for (const server of cluster.servers) server.synchronous = false;
    await expect(started(5000)).rejects.toThrow(/not within 5 s: 0 of 1 standbys are synchronous/);
  });

  it("is not over while a standby streams on another timeline", async () => {
    cluster.server("dev-3").timeline = 2;
    cluster.server("dev-2").synchronous = false;
    cluster.server("dev-3").synchronous = false;
    await expect(started(5000)).rejects.toThrow(/dev-3 is on timeline 2, and dev-1 on 3/);
  });

  it("says how to bring a container back that does not run", async () => {
    cluster.stopAll();
    cluster.gone("dev-3");
    await expect(started(5000)).rejects.toThrow(
      /dev-3 does not answer .*`docker start NAME` if it does not run\); then run `spiloctl start` again/,
    );
  });

  it("is refused when somebody has paused a cluster that was never stopped", async () => {
    cluster.config = { ...cluster.config, pause: true };
    const failure = await started().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Refusal);
    expect(failure).toHaveProperty(
      "message",
      "refused: cluster dev is paused, and was not stopped by `spiloctl stop`. Nothing was changed. End the pause by `spiloctl resume`.",
    );
    expect(cluster.calls).toEqual([]);
  });
});
