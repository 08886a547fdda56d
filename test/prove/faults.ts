/**
 * The leader is lost under load, in four ways, with the recovery objective `fast` in turn with Patroni's own defaults,
 * and once with each of the others.
 */
import { execa } from "execa";
import { patroniClient } from "../../actions/patroni-client.ts";
import { waitFor } from "../../actions/wait.ts";
import { recoverySettings } from "../../cluster/recovery.ts";
import { type LiveCluster, liveCluster } from "../live/cluster-view.ts";
import { hostPid } from "../live/engine.ts";
import type { World } from "../live/world.ts";
import { startWriter } from "../live/writer.ts";
import { type Records, recordsIn, summaries } from "./records.ts";

interface Fault {
  readonly name: string;
  readonly cause: (leader: string, cluster: string) => Promise<unknown>;
  readonly mend: (leader: string, cluster: string, address: string) => Promise<unknown>;
}

const faults: readonly Fault[] = [
  {
    name: "container killed",
    cause: (leader) => execa("docker", ["kill", leader]),
    mend: (leader) => execa("docker", ["start", leader]),
  },
  {
    name: "container frozen",
    cause: (leader) => execa("docker", ["pause", leader]),
    mend: (leader) => execa("docker", ["unpause", leader]),
  },
  {
    name: "PostgreSQL killed",
    cause: async (leader) => process.kill(await postmasterPid(leader), "SIGKILL"),
    mend: async () => undefined,
  },
  {
    name: "network cut",
    cause: (leader, cluster) => execa("docker", ["network", "disconnect", cluster, leader]),
    mend: (leader, cluster, address) =>
      execa("docker", ["network", "connect", "--ip", address, cluster, leader]),
  },
];

const timings = {
  fast: recoverySettings("fast"),
  defaults: { ttl: 30, loop_wait: 10, retry_timeout: 10, primary_start_timeout: 300 },
  normal: recoverySettings("normal"),
  wide: recoverySettings("wide"),
} as const;

type Timing = keyof typeof timings;

const order: readonly (readonly [Timing, number])[] = [
  ...[1, 2, 3].flatMap((round) => [["fast", round] as const, ["defaults", round] as const]),
  ["normal", 1],
  ["wide", 1],
];

export async function proveFaults(world: World, isTimeLeft: () => boolean): Promise<readonly string[]> {
  const records = await recordsIn("faults");
  const cluster = await liveCluster(world);
  for (const [timing, round] of order) {
    for (const fault of faults) {
      if (isTimeLeft()) await once(world, cluster, records, { timing, round, fault });
    }
  }
  const kinds = Object.keys(timings).flatMap((timing) => faults.map(({ name }) => `${timing}, ${name}`));
  return summaries(kinds, records);
}

async function once(
  world: World,
  cluster: LiveCluster,
  records: Records,
  { timing, round, fault }: { readonly timing: Timing; readonly round: number; readonly fault: Fault },
): Promise<void> {
  const kind = `${timing}, ${fault.name}`;
  if (records.of(kind).some((one) => one.round === round)) return;
  await cluster.inSync(2);
  await take(cluster, timing);
  const leader = await cluster.leader();
  const address = cluster.vip.replace(/\d+$/, `1${leader.at(-1)}`);
  const writer = await startWriter(cluster.endpoint, "faults");
  await writer.writes(100, 20_000);
  await fault.cause(leader, world.stack);
  try {
    await writer.writes(100, 400_000);
  } finally {
    await fault.mend(leader, world.stack, address);
  }
  const { longestGapMs: gapMs, missing } = await writer.stop();
  await records.add({ kind, round, gapMs, missing: missing.length });
}

/** By `/config` itself: an `up` for each would take longer than what is measured. */
async function take(cluster: LiveCluster, timing: Timing): Promise<void> {
  const patroni = patroniClient(cluster.patroni);
  const [restUrl = ""] = cluster.restUrls;
  await patroni.patchConfig(restUrl, timings[timing]);
  await waitFor({ what: "the members have the timing", deadlineMs: 30_000 }, async () => {
    const { ttl } = await patroni.config(restUrl);
    return ttl === timings[timing].ttl ? { found: true } : { pending: `ttl is ${ttl}` };
  });
  // Each member takes it up with its next look.
  await new Promise((resolve) => setTimeout(resolve, 12_000));
}

/** The server's first process: the parent of all the others. */
async function postmasterPid(member: string): Promise<number> {
  const { stdout } = await execa("docker", ["top", member, "-o", "pid,ppid,args"]);
  const server = stdout.split("\n").find((line) => /bin\/postgres -D/.test(line));
  const pid = Number(server?.trim().split(/\s+/)[0]);
  return Number.isNaN(pid) ? await hostPid(member) : pid;
}
