import { rm } from "node:fs/promises";
import { join } from "node:path";
import { connectEngine, ensureEngine, stopOwnEngine } from "./engine.ts";
import { Failure } from "./failure.ts";
import { removeParts } from "./leftovers.ts";
import { stackOptions } from "./options.ts";
import { instance, local, stateDirectory } from "./paths.ts";
import { preparePulumi } from "./prepare.ts";
import { step } from "./progress.ts";
import { exclusively } from "./run-lock.ts";
import { openStack, PROJECT, partsOf, takeOver } from "./stack.ts";
import { configFile } from "./stack-config.ts";
import { followed } from "./update-log.ts";
import { removeOwnZones } from "./zones/own-zones.ts";

/**
 * Removes a stack whole: its resources, what a killed update may have left with its labels, its state.
 * The configuration file stays, so that the next `./run up` makes the same cluster.
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
  for (const sentence of await takeOver(stack)) process.stderr.write(`  ${sentence}\n`);
  await step(`pulumi destroy ${stackName}`, async (report) => {
    const { summary } = await followed(stack.name, "destroy", report, (handlers) => stack.destroy(handlers));
    return { how: `${summary.resourceChanges?.["delete"] ?? 0} deleted` };
  });
  await sweep(stackName);
  await stack.workspace.removeStack(stackName, { preserveConfig: true });
  if (await removeZones(stackName)) {
    // It names zones that are gone.
    await rm(configFile(stackName), { force: true });
    return;
  }
  process.stderr.write(`  ${configFile(stackName)} is kept: the next ./run up makes the same cluster\n`);
}

/** For a state that cannot be read any more: everything goes by its labels, then the state itself. */
async function forget(stackName: string): Promise<void> {
  await step("docker engine", ensureEngine);
  await sweep(stackName);
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

async function sweep(stackName: string): Promise<void> {
  const removed = await removeParts(connectEngine(), await partsOf({ project: PROJECT, stack: stackName }));
  if (removed.length > 0) process.stderr.write(`  left over and removed: ${removed.join(", ")}\n`);
  const { containers, networks, volumes } = await partsOf({ project: PROJECT, stack: stackName });
  const left = [...containers, ...networks, ...volumes].map(({ name }) => name);
  if (left.length > 0) {
    throw new Failure(
      `left on the engine: ${left.join(", ")}`,
      "they could not be removed.",
      "See what uses them: docker ps -a; then run this again.",
    );
  }
}

async function engineIsEmpty(): Promise<boolean> {
  return (await connectEngine().listContainers({ all: true })).length === 0;
}
