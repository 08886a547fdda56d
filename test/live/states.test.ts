import { isDeepStrictEqual } from "node:util";
import { execa } from "execa";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type ClusterHandle, clusterHandle } from "../../actions/handle.ts";
import { stopPostgres } from "../../actions/patroni/stop-postgres.ts";
import { parseStackOutputs } from "../../actions/stack-outputs.ts";
import { exitCodeOf } from "../../actions/status/degraded.ts";
import type { StatusReport } from "../../actions/status/report.ts";
import { status } from "../../actions/verbs/status.ts";
import { waitFor } from "../../actions/wait.ts";
import type { HaState } from "../../cluster/running/ha-state.ts";
import { type LiveCluster, liveCluster } from "./cluster-view.ts";
import { signalTo } from "./engine.ts";
import { spiloctl } from "./spiloctl.ts";
import { makeWorld, type World } from "./world.ts";

/** One cluster in every state that `status` tells. Each step builds on the one before. */
const CLUSTER = "states";
const MINUTE = 60_000;

let world: World;
let cluster: LiveCluster;
let handle: ClusterHandle;

beforeAll(async () => {
  const small = { etcd: { voters: 1 }, recovery: { objective: "fast" } };
  world = await makeWorld(CLUSTER, { name: CLUSTER, ...small });
  await world.run("up");
  cluster = await liveCluster(world);
  const outputs = JSON.parse(await world.pulumi("stack", "output", "--json", "--show-secrets"));
  handle = clusterHandle(parseStackOutputs(CLUSTER, outputs));
}, 4 * MINUTE);

afterAll(async () => {
  await world.dispose();
}, 3 * MINUTE);

it("Healthy: one leads, and the others stream", { timeout: MINUTE }, async () => {
  await cluster.inSync(2);
  const report = await agreed("Healthy");
  expect([exitCodeOf(report), report.degraded, report.unknown]).toEqual([0, [], []]);
});

it("Initializing: a standby is being copied", { timeout: 2 * MINUTE }, async () => {
  const standby = await someStandby();
  const copying = spiloctl(world, "reinit", standby);
  // As long as it stands still, nobody can miss it.
  await until("the copy has begun", () => signalTo(standby, /\bpg_basebackup\b/, "SIGSTOP"));
  // No commit waits for it any more once the leader has looked.
  const report = await agreed("Initializing", (seen) => memberIn(seen, standby)?.role === "replica");
  expect(memberIn(report, standby)).toMatchObject({ state: "creating replica" });
  expect([exitCodeOf(report), report.degraded]).toEqual([
    4,
    expect.arrayContaining(["a standby is being made"]),
  ]);
  await signalTo(standby, /\bpg_basebackup\b/, "SIGCONT");
  expect((await copying).exitCode).toBe(0);
  expect(exitCodeOf(await agreed("Healthy"))).toBe(0);
});

it("ReplicatingData: a standby catches up", { timeout: 2 * MINUTE }, async () => {
  const standby = await someStandby();
  // It receives nothing, and asks for nothing.
  await signalTo(standby, /\bstartup\b/, "SIGSTOP");
  await signalTo(standby, /\bwalreceiver\b/, "SIGTERM");
  await cluster.operate("create table behind as select generate_series(1, 50000)");
  const report = await agreed("ReplicatingData");
  expect(memberIn(report, standby)).toMatchObject({ state: "in archive recovery", answers: true });
  expect([exitCodeOf(report), report.degraded]).toEqual([
    4,
    expect.arrayContaining([`${standby} is in archive recovery`]),
  ]);
  await signalTo(standby, /\bstartup\b/, "SIGCONT");
  await cluster.inSync(2);
  expect(exitCodeOf(await agreed("Healthy"))).toBe(0);
});

it("Healthy and degraded: a standby is lost, and another one streams", { timeout: MINUTE }, async () => {
  // So that Patroni starts nobody, and nobody takes over, as long as it is looked at.
  expect((await spiloctl(world, "pause")).exitCode).toBe(0);
  const standby = await someStandby();
  await stopServerOf(standby);
  const report = await agreed("Healthy");
  expect(memberIn(report, standby)).toMatchObject({ state: "stopped", answers: true });
  expect([exitCodeOf(report), report.degraded]).toEqual([
    4,
    expect.arrayContaining([`${standby} is stopped`]),
  ]);
});

it("FailingOver: nobody leads", { timeout: 2 * MINUTE }, async () => {
  await stopServerOf(await cluster.leader());
  const report = await agreed("FailingOver");
  expect(report.leader).toBeNull();
  expect([exitCodeOf(report), report.degraded]).toEqual([5, expect.arrayContaining(["no member leads"])]);
  expect((await spiloctl(world, "resume")).exitCode).toBe(0);
  await cluster.inSync(2);
  expect(exitCodeOf(await agreed("Healthy"))).toBe(0);
});

async function stopServerOf(member: string): Promise<void> {
  await stopPostgres({ exec: handle.execOn(member), member, deadlineMs: 30_000 });
}

/**
 * Waits until `status` tells a state, and whoever else can be asked the same of every member. Patroni writes down what a
 * member does when it next looks, so that `patronictl` may know it some seconds later.
 */
async function agreed(
  state: HaState,
  also: (report: StatusReport) => boolean = () => true,
): Promise<StatusReport> {
  return await waitFor({ what: `status tells ${state}, and all agree`, deadlineMs: 60_000 }, async () => {
    // As the verb does, without a new process for each look.
    const report = await status(handle, { record: false });
    const [told, known] = [toldIn(report), await askedOthers(report.leader)];
    const agree = report.haState === state && also(report) && isDeepStrictEqual(told, known);
    return agree ? { found: report } : { pending: JSON.stringify({ state: report.haState, told, known }) };
  });
}

interface Facts {
  /** Name, whether it leads, state and timeline of each member that the cluster knows. */
  readonly members: readonly string[];
  /** Whom the leader sends WAL to; undefined while nobody leads. */
  readonly streaming?: readonly string[];
  /** Slots of the leader's, and whether they are in use. */
  readonly slots?: readonly string[];
}

function toldIn({ members, slots }: StatusReport): Facts {
  const inCluster = members.filter(({ role }) => role !== null);
  const rows = inCluster.map(({ name, role, state, timeline }) =>
    row(name, role === "leader", state, timeline),
  );
  if (slots === null) return { members: rows };
  const streaming = inCluster.filter(({ state }) => state === "streaming").map(({ name }) => name);
  return { members: rows, streaming, slots: slots.map(({ name, active }) => `${name} ${active}`) };
}

async function askedOthers(leader: string | null): Promise<Facts> {
  const listed = await patronictl();
  const members = listed.map(({ Member, Role, State, TL }) =>
    row(Member, Role === "Leader", State, TL ?? null),
  );
  if (leader === null) return { members };
  const streaming =
    "select application_name from pg_stat_replication where state = 'streaming' and application_name <> 'pg_basebackup' order by 1";
  const slots = "select slot_name || ' ' || active from pg_replication_slots where not temporary order by 1";
  return { members, streaming: await psql(leader, streaming), slots: await psql(leader, slots) };
}

function row(name: string, leads: boolean, state: string | null, timeline: number | string | null): string {
  return [name, leads ? "leads" : "follows", state, timeline ?? ""].join(" ");
}

interface Listed {
  readonly Member: string;
  readonly Role: string;
  readonly State: string;
  readonly TL?: number | string;
}

/** Asked of whoever runs. */
async function patronictl(): Promise<readonly Listed[]> {
  const list = ["patronictl", "-c", "/run/postgres.yml", "list", "-f", "json"];
  const asked = [1, 2, 3].map((number) =>
    execa("docker", ["exec", "-u", "postgres", `${CLUSTER}-${number}`, ...list]),
  );
  return JSON.parse((await Promise.any(asked)).stdout);
}

/** The rows of an answer, asked as the superuser. */
async function psql(member: string, statement: string): Promise<readonly string[]> {
  const ask = ["exec", "-u", "postgres", member, "psql", "-XAtc", statement];
  const { exitCode, stdout } = await execa("docker", ask, { reject: false });
  return exitCode === 0 && stdout !== "" ? stdout.split("\n") : [];
}

function memberIn({ members }: StatusReport, name: string) {
  return members.find((member) => member.name === name);
}

/** Tries until it goes well. */
async function until(what: string, attempt: () => Promise<void>): Promise<void> {
  await waitFor({ what, deadlineMs: 40_000, everyMs: 20 }, async () => {
    try {
      return { found: await attempt() };
    } catch (error) {
      return { pending: String(error) };
    }
  });
}

async function someStandby(): Promise<string> {
  const leader = await cluster.leader();
  return `${CLUSTER}-${leader.endsWith("-1") ? 2 : 1}`;
}
