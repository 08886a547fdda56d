import { setTimeout as pause } from "node:timers/promises";
import { execa } from "execa";
import { patroniClient } from "../../../actions/patroni/patroni-client.ts";
import { waitFor } from "../../../actions/wait.ts";
import type { LiveCluster } from "../cluster-view.ts";
import { type MemberPlace, memberFaults } from "../member-faults.ts";
import { settled } from "../proxies.ts";
import { spiloctl } from "../spiloctl.ts";
import type { World } from "../world.ts";
import type { PlannedFault } from "./schedule.ts";

/** The cluster that is faulted: one with three voters, two proxies and two standbys at least. */
export interface Arena {
  readonly world: World;
  readonly cluster: LiveCluster;
}

const VOTERS = 3;
const PROXIES = 2;

/** A member may have to be rewound or copied afresh, milliseconds. */
const BACK_MS = 300_000;

/**
 * Carries a fault out and mends it: afterwards the cluster is as whole as before, so that no two members are ever away
 * at once and nothing may legally be lost.
 *
 * @param say is told what happens, before it does.
 */
export async function carryOut(
  arena: Arena,
  planned: PlannedFault,
  say: (line: string) => void,
): Promise<void> {
  const { world, cluster } = arena;
  switch (planned.kind) {
    case "switchover":
      say("switchover");
      say(`handed over in ${seconds(await switchOver(world))}`);
      break;
    case "voter killed":
      await restartLater(`${world.stack}-etcd-${nth(planned, VOTERS)}`, planned, say);
      await votersAreHealthy(world);
      break;
    case "proxy killed":
      await restartLater(`${world.stack}-proxy-${nth(planned, PROXIES)}`, planned, say);
      await settled(world.stack, cluster.vip);
      break;
    default: {
      const place = await memberOf(arena, planned);
      say(`${place.name} (${planned.role}): ${planned.kind}, ${seconds(planned.holdMs)}`);
      const { cause, mend } = memberFaults[planned.kind];
      await cause(place);
      try {
        await pause(planned.holdMs);
      } finally {
        await mend(place);
      }
    }
  }
  await isWhole(cluster);
}

/** Waits until one member leads and all others may be promoted. */
export async function isWhole(cluster: LiveCluster): Promise<void> {
  await eachSaysSo(cluster);
  await cluster.inSync(cluster.direct.length - 1);
}

/** What etcd has of a member that was lost a moment ago may be older than the loss, so each is asked itself. */
async function eachSaysSo({ patroni, restUrls }: LiveCluster): Promise<void> {
  const client = patroniClient(patroni);
  await waitFor({ what: "each member leads or streams", deadlineMs: BACK_MS }, async () => {
    const said = await Promise.all(restUrls.map((url) => client.member(url)));
    const streaming = said.filter(({ replication_state: state }) => state === "streaming").length;
    const leading = said.filter(({ role, state }) => role === "primary" && state === "running").length;
    return leading === 1 && streaming === restUrls.length - 1
      ? { found: true }
      : { pending: `${leading} lead, ${streaming} stream` };
  });
}

/** Where a member is, by its name. */
export function placeOf({ world, cluster }: Arena, name: string): MemberPlace {
  const address = cluster.direct[Number(name.split("-").at(-1)) - 1]?.host;
  if (address === undefined) throw new Error(`${name}: no member of ${world.stack}`);
  return { cluster: world.stack, name, address };
}

async function memberOf(arena: Arena, planned: PlannedFault): Promise<MemberPlace> {
  const { world, cluster } = arena;
  const leader = await cluster.leader();
  const names = cluster.direct.map((_, index) => `${world.stack}-${index + 1}`);
  const candidates = names.filter((name) => (name === leader) === (planned.role === "leader"));
  return placeOf(arena, candidates[nth(planned, candidates.length) - 1] ?? leader);
}

/** @returns how long the command took, milliseconds. */
async function switchOver(world: World): Promise<number> {
  const began = performance.now();
  const { exitCode, report, said } = await spiloctl(world, "switchover");
  if (exitCode === 0) return performance.now() - began;
  throw new Error(`spiloctl switchover ended with ${exitCode}: ${JSON.stringify(report)}\n${said}`);
}

async function restartLater(name: string, { holdMs, kind }: PlannedFault, say: (line: string) => void) {
  say(`${name}: ${kind}, ${seconds(holdMs)}`);
  await execa("docker", ["kill", name]);
  try {
    await pause(holdMs);
  } finally {
    await execa("docker", ["start", name]);
  }
}

async function votersAreHealthy(world: World): Promise<void> {
  await waitFor({ what: "all voters are healthy", deadlineMs: 60_000 }, async () => {
    const { report } = await spiloctl(world, "status");
    const voters: readonly { name: string; healthy: boolean }[] = report?.etcd ?? [];
    const healthy = voters.filter((voter) => voter.healthy);
    return healthy.length === VOTERS ? { found: true } : { pending: `${healthy.length} of ${VOTERS}` };
  });
}

/** From 1 on. */
function nth({ which }: PlannedFault, count: number): number {
  return Math.floor(which * count) + 1;
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
