import { afterEach, describe, expect, it } from "vitest";
import { ActionError } from "../../actions/action-error.ts";
import { findCluster } from "../../actions/patroni/find-cluster.ts";
import { type Document, patroniClient } from "../../actions/patroni/patroni-client.ts";
import { carryOutSettings, prepareSettings } from "../../actions/settings/settings.ts";
import { settingsPatch } from "../../actions/settings/settings-patch.ts";
import type { SettingsTools } from "../../actions/settings/settings-state.ts";
import { standingSettings } from "../../actions/settings/standing-settings.ts";
import { FakeCluster, type FakeClusterOptions } from "./fake-cluster.ts";
import { hastyClock } from "./hasty-clock.ts";
import { access } from "./test-access.ts";

const started: FakeCluster[] = [];

afterEach(async () => {
  for (const cluster of started.splice(0)) await cluster.stop();
});

async function start(options: FakeClusterOptions = {}): Promise<FakeCluster> {
  const cluster = new FakeCluster(options);
  started.push(cluster);
  return cluster.start();
}

function settings(parameters: Record<string, string | number>): Document {
  return { loop_wait: 10, postgresql: { use_slots: true, parameters } };
}

/** Declares parameters on top of those that the fake servers start with. */
async function change(
  cluster: FakeCluster,
  parameters: Record<string, string | number>,
  options: {
    before?: Record<string, string | number>;
    password?: string;
    /** Logical ones, by member. */
    slots?: Record<string, readonly string[]>;
  } = {},
): Promise<string[]> {
  const lines: string[] = [];
  const credentials = { username: "rest", password: options.password ?? "secret" };
  const tools: SettingsTools = {
    patroni: patroniClient({ access, credentials }),
    readInForce: cluster.readInForce,
    readLogicalSlots: async ({ port }) => options.slots?.[`m-${port}`] ?? [],
    report: (line) => lines.push(line),
    clock: hastyClock(),
  };
  const wanted = settings(parameters);
  const before = settings(options.before ?? {});
  const existing = cluster.members.map(({ name }) => name);
  const prepared = await prepareSettings({ members: cluster.addresses, existing, wanted, before }, tools);
  await carryOutSettings(prepared, tools);
  return lines;
}

describe("a change of dynamic settings", () => {
  it("is taken over by a reload where that is enough", async () => {
    const cluster = await start();
    await change(cluster, { work_mem: "8MB" });
    expect(cluster.calls).toEqual(['PATCH {"postgresql":{"parameters":{"work_mem":"8MB"}}}']);
    expect(cluster.inForce("work_mem")).toEqual(["8192", "8192", "8192"]);
  });

  it("touches nothing when everything is in force already", async () => {
    const cluster = await start();
    await change(cluster, { max_connections: "100", work_mem: "4MB" }, { before: { max_connections: 100 } });
    expect(cluster.calls).toEqual(['PATCH {"postgresql":{"parameters":{"work_mem":"4MB"}}}']);
    await change(cluster, { max_connections: "100", work_mem: "4MB" });
    expect(cluster.calls).toHaveLength(1);
  });

  it("restarts the standbys and then the leader for a raised value", async () => {
    const cluster = await start();
    cluster.leader = "m-2";
    const lines = await change(cluster, { max_connections: 250 });
    expect(cluster.restarts).toEqual(["m-1", "m-3", "m-2"]);
    expect(cluster.inForce("max_connections")).toEqual(["250", "250", "250"]);
    expect(lines).toEqual([
      "restarting PostgreSQL on m-1, a standby, for max_connections",
      "restarting PostgreSQL on m-3, a standby, for max_connections",
      "restarting PostgreSQL on m-2, the leader, for max_connections",
    ]);
  });

  it("restarts the leader and then the standbys, once they have replayed it, for a lowered value", async () => {
    const cluster = await start({ parameters: { max_connections: 250 }, replayAfterLooks: 3 });
    await change(cluster, { max_connections: 200 });
    expect(cluster.restarts).toEqual(["m-1", "m-2", "m-3"]);
    expect(cluster.inForce("max_connections")).toEqual(["200", "200", "200"]);
  });

  it("restarts the leader once when one value is raised and another lowered", async () => {
    const cluster = await start({ parameters: { max_worker_processes: 16 } });
    await change(cluster, { max_connections: 250, max_worker_processes: 8 });
    expect(cluster.restarts).toEqual(["m-2", "m-3", "m-1", "m-2", "m-3"]);
    expect(cluster.inForce("max_connections")).toEqual(["250", "250", "250"]);
    expect(cluster.inForce("max_worker_processes")).toEqual(["8", "8", "8"]);
  });

  it("restarts a single member", async () => {
    const cluster = await start({ members: 1 });
    await change(cluster, { max_connections: 250 });
    expect(cluster.restarts).toEqual(["m-1"]);
  });

  it("takes out of /config what is no longer declared, and leaves alone what never was", async () => {
    const cluster = await start();
    cluster.config = { ...cluster.config, pause: true };
    await change(
      cluster,
      { max_connections: 100 },
      { before: { max_connections: 100, random_page_cost: 2 } },
    );
    expect(cluster.calls).toEqual([]);
    expect(cluster.config["pause"]).toBe(true);
    const parameters = { work_mem: "4096", random_page_cost: 2 };
    cluster.config = { loop_wait: 10, postgresql: { use_slots: true, parameters } };
    await change(cluster, { work_mem: 4096 }, { before: parameters });
    expect(cluster.calls).toEqual(['PATCH {"postgresql":{"parameters":{"random_page_cost":null}}}']);
  });
});

describe("the patch of declared slots", () => {
  const cdc = { type: "logical", database: "orders", plugin: "pgoutput" };
  const [one, none] = [{ slots: { cdc }, ignore_slots: [{ name: "debezium" }] }, {}];

  it("takes out the last one, and leaves one alone that was never declared", () => {
    const actual = {
      loop_wait: 10,
      slots: { cdc, tape: { type: "physical" } },
      ignore_slots: one.ignore_slots,
    };
    expect(settingsPatch(actual, none, one)).toEqual({ slots: { cdc: null }, ignore_slots: null });
    expect(settingsPatch({ loop_wait: 10 }, none, one)).toEqual({});
  });

  it("adds one, changes one, and takes one out", () => {
    const audit = { ...cdc, database: "audit" };
    expect(settingsPatch({}, one, none)).toEqual(one);
    expect(settingsPatch({ slots: { cdc } }, { slots: { cdc: audit } }, { slots: { cdc } })).toEqual({
      slots: { cdc: { database: "audit" } },
    });
    expect(settingsPatch({ slots: { cdc, audit } }, { slots: { audit } }, { slots: { cdc, audit } })).toEqual(
      {
        slots: { cdc: null },
      },
    );
  });
});

describe("a change that cannot be finished", () => {
  it("stops at a member that does not restart, says what stands, and goes on from there", async () => {
    const cluster = await start();
    cluster.refuseRestartOf.add("m-3");
    const failure = await change(cluster, { max_connections: 250 }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ActionError);
    expect(String(failure)).toMatch(
      /m-3: did not restart for max_connections: POST .*\/restart: 503 restart failed \(docker logs m-3\)\. The new settings are in Patroni's \/config; m-1 leads; m-2 streaming; m-3 start failed\. Run `pulumi up` again/,
    );
    expect(cluster.restarts).toEqual(["m-2", "m-3"]);
    expect(cluster.inForce("max_connections")).toEqual(["100", "250", "100"]);
    cluster.refuseRestartOf.clear();
    cluster.member("m-3").state = "running";
    await change(cluster, { max_connections: 250 });
    expect(cluster.restarts).toEqual(["m-2", "m-3", "m-3", "m-1"]);
    expect(cluster.inForce("max_connections")).toEqual(["250", "250", "250"]);
  });

  it("is taken back without a restart of those that never restarted", async () => {
    const cluster = await start();
    cluster.refuseRestartOf.add("m-2");
    await expect(change(cluster, { max_connections: 250 })).rejects.toThrow(/m-2: did not restart/);
    const lines = await change(cluster, { max_connections: 100 });
    expect(cluster.restarts).toEqual(["m-2"]);
    expect(lines).toEqual(["m-2 does not run: it takes the settings when it starts"]);
  });

  it("is refused before anything is changed when a restart is due and a member is missing", async () => {
    const cluster = await start();
    cluster.stopMember("m-2");
    await expect(change(cluster, { max_connections: 250 })).rejects.toThrow(
      "max_connections: takes a restart of every member, but m-2 is not in service (m-1 leads; m-2 stopped; " +
        "m-3 streaming). Nothing was changed. Bring it back (docker logs m-2 says why it is not there), then run " +
        "`pulumi up` again",
    );
    expect(cluster.calls).toEqual([]);
  });

  it("is refused before anything is changed when wal_level is lowered and a member has logical slots", async () => {
    const cluster = await start({ parameters: { wal_level: "logical" } });
    const slots = { "m-1": ["cdc", "by_hand"], "m-3": ["cdc"] };
    await expect(change(cluster, { wal_level: "replica" }, { slots })).rejects.toThrow(
      "wal_level replica: no server starts with it that has a logical slot, and there are cdc, by_hand on m-1; cdc on " +
        "m-3. Nothing was changed.",
    );
    expect(cluster.calls).toEqual([]);
    await change(cluster, { wal_level: "replica" });
    expect(cluster.inForce("wal_level")).toEqual(["replica", "replica", "replica"]);
    await change(cluster, { wal_level: "logical" }, { slots });
    expect(cluster.inForce("wal_level")).toEqual(["logical", "logical", "logical"]);
  });

  it("reaches the living members when a reload is enough and one is missing", async () => {
    const cluster = await start();
    cluster.stopMember("m-3");
    const lines = await change(cluster, { work_mem: "8MB" });
    expect(cluster.inForce("work_mem")).toEqual(["8192", "8192", "4096"]);
    expect(lines).toEqual(["m-3 does not run: it takes the settings when it starts"]);
  });

  it("names member, setting and value when a restart brings nothing", async () => {
    const cluster = await start();
    cluster.ignoreRestartOf.add("m-2");
    await expect(change(cluster, { max_connections: 250 })).rejects.toThrow(
      /m-2: has restarted and still has max_connections 100/,
    );
  });

  it("names the password when Patroni refuses it", async () => {
    const cluster = await start();
    await expect(change(cluster, { work_mem: "8MB" }, { password: "old" })).rejects.toThrow(
      /PATCH .*\/config: 401 .*the REST password of the stack is not the one of this cluster/,
    );
    expect(cluster.calls).toEqual([]);
  });
});

describe("settings as they stand", () => {
  const declared = settings({ max_connections: 100, work_mem: "4096" });

  async function standing(cluster: FakeCluster): Promise<Document> {
    const patroni = patroniClient({ access });
    const urls = cluster.addresses.map(({ restUrl }) => restUrl);
    return standingSettings(patroni, await findCluster(patroni, urls), declared);
  }

  it("are the same object when nothing has drifted", async () => {
    const cluster = await start();
    cluster.config = {
      loop_wait: 10,
      postgresql: { use_slots: true, parameters: { work_mem: 4096, max_connections: "100" } },
    };
    expect(await standing(cluster)).toBe(declared);
  });

  it("show a value that was changed by hand, and one that was added", async () => {
    const cluster = await start();
    const parameters = { max_connections: 100, work_mem: "64MB", jit: "off" };
    cluster.config = { loop_wait: 5, postgresql: { use_slots: true, parameters } };
    expect(await standing(cluster)).toEqual({ loop_wait: 5, postgresql: { use_slots: true, parameters } });
  });

  it("show the value in force where a restart is still due", async () => {
    const cluster = await start();
    cluster.config = settings({
      ...{ max_worker_processes: 8, wal_level: "replica" },
      max_connections: 100,
      work_mem: "4096",
    });
    for (const member of cluster.members) member.inForce["max_connections"] = "200";
    expect(await standing(cluster)).toMatchObject({ postgresql: { parameters: { max_connections: "200" } } });
  });
});
