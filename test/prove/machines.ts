/**
 * Machines as AWS would start them, in QEMU: one that has nothing but Debian installs itself, and finds its data when it is
 * started anew; one without its volume starts nothing; and three form a cluster, one of which is killed hard.
 */
import { randomBytes } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type pg from "pg";
import { startWriteProbe } from "../../actions/probe/write-probe.ts";
import { waitFor } from "../../actions/wait.ts";
import { connect, onSession } from "../live/sql.ts";
import { bareImage, preparedImage } from "../vm/image.ts";
import type { Machine } from "../vm/machine.ts";
import { memberPlace, slowly, untilLeads } from "../vm/member.ts";
import type { PlannedCluster, PlannedMachine } from "../vm/planned.ts";
import { makeVmWorld, type VmWorld } from "../vm/world.ts";
import { type Records, recordsIn } from "./records.ts";

/** A processor that is emulated, and apt and a registry that serve it. */
const patience = 2_400_000;

const installs = "a bare machine installs itself, and serves";
const again = "it is started anew, and finds its data";

/** One machine, with nothing on it before its first start, and after its second one. */
export async function proveMachine(): Promise<readonly string[]> {
  const records = await recordsIn("machine");
  if (records.of(again).length > 0) return lines(records, [installs, again]);
  const world = await makeVmWorld({
    zones: "a",
    specification: { members: 1, etcd: { voters: 1 } },
    image: bareImage,
    registry: true,
  });
  try {
    const [member] = world.planned.members;
    if (member === undefined) throw new Error("the plan has no member");
    const machine = await timed(records, installs, () => firstStart(world, member));
    await onApplication(world.planned, member, async (client) => {
      await client.query("create table kept as select generate_series(1, 1000) as n");
    });
    await timed(records, again, () => secondStart(world, member, machine));
    return lines(records, [installs, again]);
  } finally {
    await world.dispose();
  }
}

async function timed<T>(records: Records, kind: string, work: () => Promise<T>): Promise<T> {
  const began = performance.now();
  const result = await work();
  const seconds = Math.round((performance.now() - began) / 1000);
  await records.add({ kind, round: records.of(kind).length + 1, gapMs: 0, missing: 0, seconds });
  return result;
}

async function firstStart(world: VmWorld, member: PlannedMachine): Promise<Machine> {
  const machine = await world.boot(member);
  await pause(60_000);
  await machine.attach(member.volume, await world.volumeFile(member));
  await untilLeads(world.planned, [member], patience);
  const status = JSON.parse(await world.run(machine, "cloud-init status --wait --format json"));
  if (status.errors.length > 0) throw new Error(`cloud-init: ${status.errors.join("; ")}`);
  await world.planned.carryOut("spilo:index:Roles", slowly);
  return machine;
}

async function secondStart(world: VmWorld, member: PlannedMachine, machine: Machine): Promise<void> {
  // The session ends with the machine.
  await world.run(machine, "sudo systemctl reboot").catch(() => undefined);
  await machine.off();
  await machine.start();
  await machine.attach(member.volume, await world.volumeFile(member));
  await untilLeads(world.planned, [member], patience);
  const { rows } = await onApplication(world.planned, member, (client) =>
    client.query("select count(*)::int as there from kept"),
  );
  if (rows[0].there !== 1000) throw new Error(`of 1000 rows, ${rows[0].there} are there after a restart`);
}

const without = "a machine without its volume starts nothing, and says so";

/** A machine whose volume is never attached. */
export async function proveMachineWithoutVolume(): Promise<readonly string[]> {
  const records = await recordsIn("machine-without-volume");
  if (records.of(without).length > 0) return lines(records, [without]);
  const world = await makeVmWorld({
    zones: "a",
    specification: { members: 1, etcd: { voters: 1 } },
    image: preparedImage,
  });
  try {
    const [member] = world.planned.members;
    if (member === undefined) throw new Error("the plan has no member");
    await timed(records, without, () => startWithout(world, member));
    return lines(records, [without]);
  } finally {
    await world.dispose();
  }
}

async function startWithout(world: VmWorld, member: PlannedMachine): Promise<void> {
  const machine = await world.boot(member);
  const sentence = `error: volume ${member.volume} of ${member.part}: not attached after 600 s, so nothing starts`;
  await waitFor({ what: "the console says why", deadlineMs: patience, everyMs: 5000 }, async () => {
    const console = await machine.console();
    return console.includes(sentence) ? { found: true } : { pending: console.slice(-200) };
  });
  const states = await world.run(machine, "systemctl is-active pulumi-spilo-volume pulumi-spilo || true");
  if (states !== "failed\ninactive") throw new Error(`without its volume, its units are ${states}`);
  const containers = await world.run(machine, "sudo docker ps --all --quiet");
  if (containers !== "") throw new Error(`without its volume, it has containers: ${containers}`);
}

/** As the application on one member. */
async function onApplication<T>(
  planned: PlannedCluster,
  member: PlannedMachine,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  return await onSession(applicationOn(planned, member), work);
}

function applicationOn(planned: PlannedCluster, member: PlannedMachine): pg.ClientConfig {
  const { user, password, database } = planned.credentials.application;
  return { ...memberPlace(planned, member), user, password, database, query_timeout: 30_000 };
}

const killed = "the leader's machine is killed";
const ROUNDS = 3;
const seed = process.env["PROVE_SEED"] ?? randomBytes(4).toString("hex");

/** Three machines are a cluster; whoever leads is killed, somebody else leads, and nothing is missing. */
export async function proveMachineFailover(isTimeLeft: () => boolean): Promise<readonly string[]> {
  const records = await recordsIn("machine-failover");
  if (records.of(killed).length >= ROUNDS) return lines(records, [killed]);
  const world = await makeVmWorld({
    zones: "abc",
    specification: { members: 3, etcd: { voters: 3 } },
    image: preparedImage,
    processors: 1,
  });
  try {
    const machines = await startThree(world);
    for (let round = records.of(killed).length + 1; round <= ROUNDS && isTimeLeft(); round += 1) {
      await killLeader(world, machines, records, round);
    }
    return lines(records, [killed]);
  } finally {
    await world.dispose();
  }
}

async function startThree(world: VmWorld): Promise<ReadonlyMap<string, Machine>> {
  const { planned } = world;
  const machines = new Map<string, Machine>();
  for (const member of planned.members) {
    const machine = await world.boot(member);
    machines.set(member.part, machine);
    await machine.attach(member.volume, await world.volumeFile(member));
  }
  await untilLeads(planned, planned.members, patience);
  // Whoever leads is asked through its engine, by ssh, which takes machines that it knows alone.
  for (const machine of machines.values()) await world.run(machine, "true");
  await planned.carryOut("spilo:index:Roles", slowly);
  return machines;
}

async function killLeader(
  { planned, volumeFile }: VmWorld,
  machines: ReadonlyMap<string, Machine>,
  records: Records,
  round: number,
): Promise<void> {
  const { members } = planned;
  const before = await untilLeads(planned, members, patience);
  const probe = startWriteProbe({
    connect: () => connectToLeader(planned),
    retryMs: 500,
    table: `round_${round}`,
  });
  await probe.writes(20, 120_000);
  const machine = machines.get(before.part);
  await machine?.kill();
  const others = members.filter((member) => member !== before);
  await probe.writes(20, patience);
  const after = await untilLeads(planned, others, patience);
  const { acknowledged, missing, longestGapMs: gapMs } = await probe.stop();
  if (missing === undefined || missing.length > 0) {
    throw new Error(
      `${killed}: of ${acknowledged} rows, ${missing?.length ?? "nobody knows how many"} are missing`,
    );
  }
  await records.add({
    ...{ kind: killed, round, gapMs, missing: missing.length, acknowledged, seed },
    ...{ leader: before.part, leaderAfter: after.part },
  });
  await machine?.start();
  await machine?.attach(before.volume, await volumeFile(before));
  await untilLeads(planned, members, patience);
}

/** Whoever takes writes, one after the other, as the multi-host connection string has it. */
async function connectToLeader(planned: PlannedCluster): Promise<pg.Client> {
  let problem: unknown = new Error("there are no members");
  for (const member of planned.members) {
    const limits = { connectionTimeoutMillis: 5_000, query_timeout: 10_000 };
    const client = await connect({ ...applicationOn(planned, member), ...limits }).catch((error) => {
      problem = error;
      return undefined;
    });
    if (client === undefined) continue;
    const { rows } = await client.query("select pg_is_in_recovery() as follows");
    if (rows[0].follows === false) return client;
    await client.end();
  }
  throw problem;
}

function lines(records: Records, kinds: readonly string[]): readonly string[] {
  return kinds.flatMap((kind) =>
    records.of(kind).map(({ round, gapMs, missing, ...more }) => {
      const figures = gapMs > 0 ? `${(gapMs / 1000).toFixed(1)} s without a write, ${missing} missing` : "";
      const seconds = more["seconds"] === undefined ? "" : `${more["seconds"]} s`;
      return `${kind}, ${round}: ${[figures, seconds].filter((one) => one !== "").join(", ")}`;
    }),
  );
}
