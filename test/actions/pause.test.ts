import { beforeEach, describe, expect, it } from "vitest";
import { pause } from "../../actions/verbs/pause.ts";
import { resume } from "../../actions/verbs/resume.ts";
import { FakeServers, listener } from "./fake-servers.ts";

const warning =
  "warn while paused, nobody takes over when the leader is lost, and a server that ends is not started again: " +
  "`spiloctl resume` ends it";

let cluster: FakeServers;
let told: ReturnType<typeof listener>;

beforeEach(() => {
  cluster = new FakeServers();
  told = listener();
});

describe("pause", () => {
  it("ends when every member knows of it, and says what no longer happens", async () => {
    expect(await pause(cluster.handle, told.narrator)).toEqual({
      cluster: "dev",
      paused: true,
      already: false,
      silent: [],
    });
    expect(cluster.calls).toEqual(['PATCH {"pause":true}']);
    expect(cluster.servers.map(({ paused }) => paused)).toEqual([true, true, true]);
    expect(told.lines).toEqual(["step Patroni of every member leaves its PostgreSQL alone", warning]);
  });

  it("a second time changes nothing and says so", async () => {
    await pause(cluster.handle, told.narrator);
    told = listener();
    const report = await pause(cluster.handle, told.narrator);
    expect(report.already).toBe(true);
    expect(cluster.calls).toHaveLength(1);
    expect(told.lines[0]).toBe("note cluster dev is paused already");
    expect(cluster.events).toEqual(["pause {}"]);
  });

  it("does not wait for a member that does not answer, and names it", async () => {
    cluster.gone("dev-3");
    const report = await pause(cluster.handle, told.narrator);
    expect(report.silent).toEqual(["dev-3"]);
    expect(told.lines).toEqual([
      "step Patroni of every member that answers leaves its PostgreSQL alone",
      "warn dev-3 does not answer: it notices when it is back",
      warning,
    ]);
  });

  it("fails when a member does not notice in time", async () => {
    cluster.delay = 10_000;
    await expect(pause(cluster.handle, told.narrator)).rejects.toMatchObject({
      code: "deadline",
      message: expect.stringMatching(
        /every member has noticed the pause: not within 60 s: not yet dev-1, dev-2, dev-3/,
      ),
    });
  });

  it("fails when nobody answers", async () => {
    for (const { name } of cluster.servers) cluster.gone(name);
    await expect(pause(cluster.handle, told.narrator)).rejects.toMatchObject({ code: "unreachable" });
  });
});

describe("resume", () => {
  it("ends a pause, and ends itself when every member knows of it", async () => {
    await pause(cluster.handle, told.narrator);
    told = listener();
    expect(await resume(cluster.handle, told.narrator)).toMatchObject({ paused: false, already: false });
    expect(cluster.config).not.toHaveProperty("pause");
    expect(cluster.servers.map(({ paused }) => paused)).toEqual([false, false, false]);
    expect(told.lines).toEqual(["step Patroni of every member is in charge of its PostgreSQL"]);
    expect(cluster.events).toEqual(["pause {}", "resume {}"]);
  });

  it("of what is not paused changes nothing and says so", async () => {
    expect(await resume(cluster.handle, told.narrator)).toMatchObject({ already: true });
    expect([cluster.calls, told.lines[0]]).toEqual([[], "note cluster dev is not paused"]);
    expect(cluster.events).toEqual([]);
  });

  it("ends a pause that somebody has written by hand", async () => {
    cluster.config = { ...cluster.config, pause: "on" };
    expect(await resume(cluster.handle, told.narrator)).toMatchObject({ already: false });
  });

  it("starts a cluster that was stopped, and leaves no mark of that", async () => {
    cluster.stopAll();
    await resume(cluster.handle, told.narrator);
    expect(cluster.config).not.toHaveProperty("spilo");
    expect(cluster.servers.map(({ state }) => state)).toEqual(["running", "running", "running"]);
    expect(told.lines[0]).toBe(
      "warn the cluster was stopped: this starts it, and `spiloctl start` waits until it serves",
    );
  });
});
