import { execa } from "execa";
import type pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { leaderOf } from "../../actions/patroni/find-cluster.ts";
import type { ClusterMember } from "../../actions/patroni/patroni-client.ts";
import { waitFor } from "../../actions/wait.ts";
import { evaluate, type LiveCluster, liveCluster } from "./cluster-view.ts";
import { containerIds } from "./engine.ts";
import { memberFaults } from "./member-faults.ts";
import { spiloctl } from "./spiloctl.ts";
import { onSession } from "./sql.ts";
import { makeWorld, type World } from "./world.ts";

/**
 * A cluster with three read replicas: one that follows the leader, one that follows that one, and one that is late on
 * purpose. The leader is lost and the leadership handed over; then one replica goes and another one comes.
 */
const CLUSTER = "rp-read";
const MINUTE = 60_000;
const [REPORTS, COPY, LATE] = ["reports", "copy", "late"].map((name) => `${CLUSTER}-replica-${name}`);
const reports = { name: "reports", memory: "512MB" };
const copy = { name: "copy", memory: "512MB", upstream: "reports" };
const late = { name: "late", memory: "512MB", applyDelay: "60s" };

let world: World;
let cluster: LiveCluster;

beforeAll(async () => {
  world = await makeWorld(CLUSTER, {
    name: CLUSTER,
    etcd: { voters: 1 },
    resources: { memory: "1GB" },
    recovery: { objective: "fast" },
    replicas: [reports, copy, late],
  });
  await world.run("up");
  cluster = await liveCluster(world);
}, 8 * MINUTE);

afterAll(async () => {
  await world.dispose();
}, 3 * MINUTE);

it("counts no read replica among the members, and shows whom each follows and how late it is", async () => {
  const { exitCode, report } = await spiloctl(world, "status");
  expect({ exitCode, degraded: report.degraded }).toEqual({ exitCode: 0, degraded: [] });
  expect(report).toMatchObject({ haState: "Healthy", synchronous: { asked: 1, now: 2 } });
  expect(report.members).toHaveLength(3);
  expect(report.replicas).toMatchObject([
    { name: REPORTS, state: "streaming", upstream: null, applyDelaySeconds: null },
    { name: COPY, state: "streaming", upstream: REPORTS, applyDelaySeconds: null },
    { name: LATE, upstream: null, applyDelaySeconds: 60 },
  ]);
  expect(await followersOf(REPORTS ?? "")).toEqual([COPY]);
  expect((await settingsOn("reports")).shared_buffers).toBe("128MB");
});

it("leads readers to fresh replicas alone, and none of the usual readers to any replica", async () => {
  await onSession(cluster.endpoint, (client) =>
    client.query("create table kept as select 1 as n; create table gone ()"),
  );
  await arrives(cluster.replica("copy"), "(select count(*) from kept)", "1");
  const fresh = ["reports", "copy"].map((name) => cluster.replica(name).host);
  expect([...(await serversBehind(cluster.replicas))].sort()).toEqual(fresh.sort());
  const usual = [...(await serversBehind(cluster.readOnly))];
  expect(usual.filter((address) => !cluster.direct.some(({ host }) => host === address))).toEqual([]);
  await expect(
    onSession(cluster.replicas, (client) => client.query("create table nowhere ()")),
  ).rejects.toThrow("read-only");
});

it("keeps a mistake readable on the late one, while the leader is lost, and has all follow the next one", {
  timeout: 4 * MINUTE,
}, async () => {
  await arrives(cluster.replica("late"), "(select count(*) from kept)", "1");
  for (const mistake of ["drop table gone", "delete from kept"]) {
    await onSession(cluster.endpoint, (client) => client.query(mistake));
  }
  const left = "(select count(*) from kept)";
  expect(await evaluate(cluster.replica("late"), left)).toBe("1");
  // What is dropped is locked there at once, as PostgreSQL delays nothing but commits.
  const locked = "exists (select from pg_locks where mode = 'AccessExclusiveLock' and granted)";
  await arrives(cluster.replica("late"), locked, "true");
  const lost = await cluster.leader();
  await memberFaults["PostgreSQL killed"].cause({ cluster: CLUSTER, name: lost, address: "" });
  const next = await anotherLeads(lost);
  expect(await evaluate(cluster.replica("late"), left)).toBe("1");
  await writes("create table if not exists after_loss as select 2 as n");
  await arrives(cluster.replica("copy"), left, "0");
  await arrives(cluster.replica("copy"), "(select max(n) from after_loss)", "2");
  await arrives(cluster.replica("late"), "(select max(n) from after_loss)", "2");
  expect(await evaluate(cluster.replica("late"), left)).toBe("0");
  await allOnTimelineOf(next);
  await cluster.inSync(2);
});

it("hands over to a member alone, and has every replica follow", { timeout: 3 * MINUTE }, async () => {
  const refused = await spiloctl(world, "switchover", "--to", REPORTS ?? "");
  expect(refused.exitCode).toBe(3);
  expect(refused.report.error.message).toContain(`${REPORTS} is a read replica, which never leads`);
  const { exitCode, report } = await spiloctl(world, "switchover");
  expect(exitCode).toBe(0);
  await writes("create table if not exists after_handing_over ()");
  await arrives(cluster.replica("copy"), "to_regclass('after_handing_over') is not null", "true");
  await allOnTimelineOf(report.to);
  expect(await followersOf(REPORTS ?? "")).toEqual([COPY]);
  const { report: told } = await spiloctl(world, "history");
  expect(JSON.stringify(told)).not.toContain("-replica-");
});

it("takes one replica out with its slot and adds another one, and touches nothing else", {
  timeout: 4 * MINUTE,
}, async () => {
  await cluster.inSync(2);
  const before = await containerIds(CLUSTER);
  await world.specify(["replicas"], [reports, late, { ...copy, name: "spare", upstream: `${CLUSTER}-2` }]);
  await world.pulumi("up", "--yes", "--skip-preview");
  const { [COPY ?? ""]: _, ...others } = before;
  expect(await containerIds(CLUSTER)).toEqual({
    ...others,
    [`${CLUSTER}-replica-spare`]: expect.any(String),
  });
  const slots = await asSuperuser(await cluster.leader(), "select slot_name from pg_replication_slots");
  expect(slots).toContain("rp_read_replica_spare");
  expect(slots).not.toContain("rp_read_replica_copy");
  cluster = await liveCluster(world);
  await arrives(cluster.replica("spare"), "to_regclass('after_handing_over') is not null", "true");
  expect((await spiloctl(world, "status")).report).toMatchObject({ haState: "Healthy", degraded: [] });
});

it("changes nothing the second time", { timeout: 2 * MINUTE }, async () => {
  const refreshed = await world.pulumi("preview", "--refresh", "--diff", "--expect-no-changes");
  expect(refreshed).toMatch(/unchanged/);
});

/** Once the endpoint leads to whoever leads now. */
async function writes(statement: string): Promise<void> {
  await waitFor({ what: "the endpoint takes a write", deadlineMs: MINUTE, everyMs: 250 }, async () => {
    const failure = await onSession(cluster.endpoint, (client) => client.query(statement)).then(
      () => undefined,
      String,
    );
    return failure === undefined ? { found: true } : { pending: failure };
  });
}

/** Waits until an expression has this value there. */
async function arrives(server: pg.ClientConfig, expression: string, value: string): Promise<void> {
  await waitFor({ what: `${expression} is ${value}`, deadlineMs: 3 * MINUTE, everyMs: 250 }, async () => {
    const found = await evaluate(server, expression).catch(String);
    return found === value ? { found: true } : { pending: found };
  });
}

/** Addresses of the servers that sessions come to, of a dozen. */
async function serversBehind(endpoint: pg.ClientConfig): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (let session = 0; session < 12; session += 1) {
    found.add(await evaluate(endpoint, "host(inet_server_addr())"));
  }
  return found;
}

async function settingsOn(name: string): Promise<{ readonly shared_buffers: string }> {
  const buffers = await evaluate(cluster.replica(name), "current_setting('shared_buffers')");
  return { shared_buffers: buffers };
}

/** Who streams from this one, as it says itself. */
async function followersOf(server: string): Promise<readonly string[]> {
  return asSuperuser(server, "select application_name from pg_stat_replication order by 1");
}

/** As whoever has entered the container may do. */
async function asSuperuser(server: string, statement: string): Promise<readonly string[]> {
  const psql = ["exec", "-u", "postgres", server, "psql", "-XAtc", statement];
  return (await execa("docker", psql)).stdout.split("\n").filter((line) => line !== "");
}

async function anotherLeads(lost: string): Promise<string> {
  const what = "another member leads";
  return waitFor({ what, deadlineMs: 2 * MINUTE, everyMs: 500 }, async () => {
    const leader = await cluster.view().then(leaderOf).catch(nobody);
    if (leader === undefined || leader.name === lost) return { pending: "nobody does" };
    return leader.state === "running" ? { found: leader.name } : { pending: leader.state };
  });
}

function nobody(): ClusterMember | undefined {
  return undefined;
}

/** Every server of the cluster, read replicas included. */
async function allOnTimelineOf(leader: string): Promise<void> {
  await waitFor({ what: "all follow", deadlineMs: 2 * MINUTE, everyMs: 500 }, async () => {
    const { members } = await cluster.view();
    const timeline = members.find(({ name }) => name === leader)?.timeline;
    const others = members.filter((member) => member.timeline !== timeline);
    const replicas = members.filter(({ name }) => name.includes("-replica-"));
    expect(replicas.map(({ role }) => role)).toEqual(["replica", "replica", "replica"]);
    const behind = others.map((member) => `${member.name} is on ${member.timeline}`);
    return members.length === 6 && behind.length === 0 ? { found: true } : { pending: behind.join(", ") };
  });
}
