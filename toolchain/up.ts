import { clusterIsReady } from "../actions/readiness.ts";
import { type ClusterPlan, parseSpec, planCluster } from "../cluster/index.ts";
import { connectEngine } from "./engine.ts";
import { stackOptions } from "./options.ts";
import { patroniOf, readOutputs } from "./outputs.ts";
import { checkNames, checkSubnet } from "./preflight.ts";
import { prepare } from "./prepare.ts";
import { step } from "./progress.ts";
import { refreshAndUp } from "./refresh-and-up.ts";
import { report } from "./report.ts";
import { exclusively } from "./run-lock.ts";
import { openStack, ownerOf, takeOver } from "./stack.ts";
import { ensureStackConfig, readSpecification } from "./stack-config.ts";
import { followed } from "./update-log.ts";
import { ensureOwnZones, type OwnZones, placementOf, reachOwnZones } from "./zones/own-zones.ts";

/** A member that was started again may have to recover, rewind and catch up. */
const READY_DEADLINE_MS = 300_000;

/** Brings the cluster of a stack up, from whatever stands now, and proves that it replicates and archives. */
export async function up(args: string[]): Promise<number> {
  const { stack: name, zones: zoneCount } = stackOptions(args);
  return await exclusively("up", async () => {
    const prepared = await prepare();
    const zones = zoneCount === undefined ? undefined : await zonesOf(name, zoneCount);
    await ensureStackConfig(name, prepared.images, zones && placementOf(zones));
    const plan = planCluster(parseSpec(await readSpecification(name), prepared.images));
    const stack = await openStack(name, prepared);
    // Over several zones nothing is made in this machine's own engine.
    if (plan.network !== undefined) {
      await checkSubnet(connectEngine(), plan.network.subnet, ownerOf(stack));
      await checkNames(connectEngine(), containerNames(plan), ownerOf(stack));
    }
    for (const sentence of await takeOver(stack)) process.stderr.write(`  ${sentence}\n`);
    await step(`pulumi up ${name}`, async (say) => {
      const { summary } = await followed(name, "up", say, (handlers) => refreshAndUp(stack, plan, handlers));
      return { how: changes(summary.resourceChanges ?? {}) };
    });
    const outputs = await readOutputs(stack);
    await step(`cluster ${plan.cluster}`, async () => {
      await clusterIsReady({
        cluster: plan.cluster,
        members: outputs.members,
        synchronousStandbys: outputs.synchronousStandbys,
        patroni: patroniOf(outputs),
        deadlineMs: READY_DEADLINE_MS,
      });
      return { how: "healthy" };
    });
    await report(outputs, { stack: name, recovery: plan.recovery.sentence });
    return 0;
  });
}

/** Zones on this machine for a stack, and this process able to reach them. */
async function zonesOf(stack: string, count: number): Promise<OwnZones> {
  const { zones } = await step(`${count} zones`, async (say) => {
    return { how: "each with a network and an engine", zones: await ensureOwnZones(stack, count, say) };
  });
  await reachOwnZones();
  return zones;
}

function containerNames({ voters, members, proxies, archive }: ClusterPlan): string[] {
  const parts = [...voters, ...members, ...proxies, ...(archive.server ? [archive.server] : [])];
  return parts.map(({ name }) => name);
}

/** Pulumi's counts as a sentence: `31 created`, or that nothing changed. */
export function changes(counts: Readonly<Record<string, number>>): string {
  const words: Record<string, string> = {
    create: "created",
    update: "updated",
    replace: "replaced",
    delete: "deleted",
  };
  const said = Object.entries(words).flatMap(([op, word]) => {
    const count = (counts[op] ?? 0) + (op === "replace" ? (counts["create-replacement"] ?? 0) : 0);
    return count > 0 ? [`${count} ${word}`] : [];
  });
  return said.length > 0 ? said.join(", ") : `0 changes (${counts["same"] ?? 0} unchanged)`;
}
