import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { automation } from "@pulumi/pulumi";
import { connectEngine, ensureEngine, stopOwnEngine } from "./engine.ts";
import { Failure } from "./failure.ts";
import { holdsBackups, removeParts } from "./leftovers.ts";
import { stackOptions } from "./options.ts";
import { instance, local, stateDirectory } from "./paths.ts";
import { preparePulumi } from "./prepare.ts";
import { step } from "./progress.ts";
import { exclusively } from "./run-lock.ts";
import { backupsKept, guardsOf, openStack, PROJECT, partsOf, takeOver } from "./stack.ts";
import { configFile, protectedByConfig } from "./stack-config.ts";
import { followed } from "./update-log.ts";
import { hasOwnZones, removeOwnZones } from "./zones/own-zones.ts";

/**
 * Removes a stack whole: its resources, what a killed update may have left with its labels, its state.
 * The configuration file stays, so that the next `./run up` makes the same cluster. What a cluster is protected by counts
 * here too; and volumes with backups that `pulumi destroy` leaves are left.
 */
export async function down(args: string[]): Promise<number> {
  const options = stackOptions(args);
  await exclusively("down", () => (options.forget ? forget(options.stack) : destroy(options.stack)));
  // A run in a world of its own (a test) shares the engine with others and leaves it alone.
  if (instance === local && (await engineIsEmpty())) {
    if (await stopOwnEngine())
      process.stderr.write("  the docker engine that ./run started has been stopped\n");
  }
  return 0;
}

async function destroy(stackName: string): Promise<void> {
  const prepared = { ...(await preparePulumi()), images: {} };
  await step("docker engine", ensureEngine);
  const stack = await openStack(stackName, prepared);
  const { protectedClusters, keepsBackups } = await guardsOf(stack);
  if (protectedClusters.length > 0) throw isProtected(stackName, protectedClusters);
  for (const sentence of await takeOver(stack)) process.stderr.write(`  ${sentence}\n`);
  const told: string[] = [];
  await step(`pulumi destroy ${stackName}`, async (report) => {
    const { summary } = await followed(stack.name, "destroy", report, (handlers) =>
      stack.destroy({
        ...handlers,
        onEvent: (event) => {
          handlers.onEvent(event);
          told.push(...toldByGuard(event));
        },
      }),
    );
    return { how: `${summary.resourceChanges?.["delete"] ?? 0} deleted` };
  });
  for (const sentence of told) process.stderr.write(`  ${sentence}\n`);
  for (const sentence of await sweep(stackName, holdsBackups)) process.stderr.write(`  ${sentence}\n`);
  await stack.workspace.removeStack(stackName, { preserveConfig: true });
  if (keepsBackups && (await hasOwnZones(stackName))) {
    process.stderr.write(
      "  the zones that ./run made on this machine stay: the backups are in one of them\n",
    );
  } else if (await removeZones(stackName)) {
    // It names zones that are gone.
    await rm(configFile(stackName), { force: true });
    return;
  }
  process.stderr.write(`  ${configFile(stackName)} is kept: the next ./run up makes the same cluster\n`);
}

/** Where the final backup is, and how to restore from it. */
function toldByGuard({ diagnosticEvent: said }: automation.EngineEvent): readonly string[] {
  if (said?.severity !== "info" || !said.urn?.includes("spilo:index:Guard::")) return [];
  return [said.message.replaceAll(/<\{%[^%]*%\}>/g, "").trim()];
}

function isProtected(stack: string, clusters: readonly string[], thenUp = "run ./run up, "): Failure {
  return new Failure(
    `stack ${stack}: deletionProtection is on`,
    `it protects ${clusters.join(", ")}; nothing was removed.`,
    `Set deletionProtection: false in Pulumi.${stack}.yaml, ${thenUp}and run this again.`,
  );
}

/**
 * For a state that cannot be read any more: everything goes by its labels, backups as well, then the state itself. What
 * is protected is said by the configuration then.
 */
async function forget(stackName: string): Promise<void> {
  const cluster = await protectedByConfig(stackName);
  if (cluster !== undefined) throw isProtected(stackName, [cluster], "");
  await step("docker engine", ensureEngine);
  await sweep(stackName, () => false);
  await removeZones(stackName);
  await rm(stateDirectory, { recursive: true, force: true });
  await rm(join(instance, "passphrase"), { force: true });
  await rm(configFile(stackName), { force: true });
  process.stderr.write("  state, passphrase and configuration are removed\n");
}

async function removeZones(stackName: string): Promise<boolean> {
  const removed = await removeOwnZones(stackName);
  if (removed) process.stderr.write("  the zones that ./run made on this machine are removed\n");
  return removed;
}

/** @returns sentences on the volumes that were kept. */
async function sweep(stackName: string, keeps: typeof holdsBackups): Promise<string[]> {
  const owner = { project: PROJECT, stack: stackName };
  const found = await partsOf(owner);
  const gone = { ...found, volumes: found.volumes.filter((volume) => !keeps(volume)) };
  const removed = await removeParts(connectEngine(), gone);
  if (removed.length > 0) process.stderr.write(`  left over and removed: ${removed.join(", ")}\n`);
  const { containers, networks, volumes } = await partsOf(owner);
  const unwanted = volumes.filter((volume) => !keeps(volume));
  const left = [...containers, ...networks, ...unwanted].map(({ name }) => name);
  if (left.length > 0) {
    throw new Failure(
      `left on the engine: ${left.join(", ")}`,
      "they could not be removed.",
      "See what uses them: docker ps -a; then run this again.",
    );
  }
  return backupsKept(volumes.filter(keeps));
}

async function engineIsEmpty(): Promise<boolean> {
  return (await connectEngine().listContainers({ all: true })).length === 0;
}
