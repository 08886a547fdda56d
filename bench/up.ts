/**
 * How long from nothing to a healthy cluster, against the same containers started by hand.
 *
 *     node --import tsx bench/up.ts [rounds]
 *
 * Each round makes the cluster twice, in turn: by `pulumi up`, and by the Docker API from what Pulumi had made (same
 * images, environment, certificates and configurations, volumes, addresses, in the same order). Healthy means in both:
 * one leader, and all others streaming, seen from outside every 100 ms with a certificate of that cluster. Prints both
 * medians, the worst, and the median of the ratios.
 */
import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import { clusterAccess } from "../actions/access.ts";
import { findCluster, isLeader } from "../actions/patroni/find-cluster.ts";
import { type PatroniClient, patroniClient } from "../actions/patroni/patroni-client.ts";
import { inputsOf } from "../test/live/secrets.ts";
import { makeWorld } from "../test/live/world.ts";
import { accessOf, createByHand, recordParts, removeByHand } from "./by-hand.ts";
import { median } from "./median.ts";

const CLUSTER = "bench";
const rounds = Number(process.argv[2] ?? 3);

const outputs = z.object({ members: z.array(z.object({ name: z.string(), restUrl: z.string() })) });

const etcdInputs = z.object({
  endpoints: z.array(z.string()),
  access: clusterAccess,
  ...{ rootPassword: z.string(), user: z.string(), password: z.string(), prefix: z.string() },
});

type Members = z.infer<typeof outputs>["members"];

const world = await makeWorld(CLUSTER);
const pulumi: number[] = [];
const byHand: number[] = [];
try {
  await world.run("up"); // makes the stack, its tools and its state: not measured
  const { members } = outputs.parse(JSON.parse(await world.pulumi("stack", "output", "--json")));
  await world.pulumi("destroy", "--yes", "--skip-preview");
  for (let round = 1; round <= rounds; round += 1) {
    const up = world.pulumi("up", "--yes", "--skip-preview");
    pulumi.push(await secondsUntilHealthy(members));
    await up;
    const recorded = await recordParts(CLUSTER);
    const etcd = await etcdUsers();
    await world.pulumi("destroy", "--yes", "--skip-preview");
    try {
      const creating = createByHand(recorded, etcd);
      byHand.push(await secondsUntilHealthy(members));
      await creating;
    } finally {
      await removeByHand(recorded);
    }
    console.log(
      `round ${round}: pulumi up ${pulumi.at(-1)?.toFixed(1)} s, by hand ${byHand.at(-1)?.toFixed(1)} s`,
    );
  }
} finally {
  await world.dispose();
}
report();

/** As the stack has them. */
async function etcdUsers() {
  return { ...etcdInputs.parse(await inputsOf(world, "spilo:index:EtcdAccess")), deadlineMs: 60_000 };
}

function report(): void {
  const ratios = pulumi.map((seconds, index) => seconds / (byHand[index] ?? Number.NaN));
  for (const [name, values] of Object.entries({ "pulumi up": pulumi, "by hand": byHand })) {
    console.log(
      `${name.padEnd(10)} median ${median(values).toFixed(1)} s, worst ${Math.max(...values).toFixed(1)} s of ${values.length}`,
    );
  }
  console.log(`ratio      median ${median(ratios).toFixed(2)}, worst ${Math.max(...ratios).toFixed(2)}`);
}

/** From now until any member's Patroni knows of a leader and of all others streaming; 180 s at most. */
async function secondsUntilHealthy(members: Members): Promise<number> {
  const started = performance.now();
  let patroni: PatroniClient | undefined;
  while (performance.now() - started < 180_000) {
    patroni ??= await clientOf(members);
    if (patroni !== undefined && (await isHealthy(patroni, members))) {
      return (performance.now() - started) / 1000;
    }
    await pause(100);
  }
  throw new Error("not healthy within 180 s");
}

/** Each cluster has an authority of its own, so there is nothing to ask with before a member has a certificate. */
async function clientOf([first]: Members): Promise<PatroniClient | undefined> {
  if (first === undefined) throw new Error("the cluster has no member");
  try {
    return patroniClient({ access: await accessOf(first.name), timeoutMs: 1_000 });
  } catch {
    return undefined; // not there yet
  }
}

async function isHealthy(patroni: PatroniClient, members: Members): Promise<boolean> {
  try {
    const restUrls = members.map(({ restUrl }) => restUrl);
    const { view } = await findCluster(patroni, restUrls);
    const leaders = view.members.filter((member) => isLeader(member) && member.state === "running");
    const streaming = view.members.filter(({ state }) => state === "streaming");
    return leaders.length === 1 && streaming.length === members.length - 1;
  } catch {
    return false; // nobody answers yet
  }
}
