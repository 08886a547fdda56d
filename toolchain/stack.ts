import { dirname } from "node:path";
import { automation } from "@pulumi/pulumi";
import { connectEngine } from "./engine.ts";
import { findParts, holdsBackups, type Owner, type Parts, removeUnknown } from "./leftovers.ts";
import { pulumiHome, root } from "./paths.ts";
import type { Prepared } from "./prepare.ts";
import { forgetSalt } from "./stack-config.ts";
import { releaseStaleLock } from "./stale-update.ts";

/** The name in Pulumi.yaml. */
export const PROJECT = "pulumi-spilo";

/** Opens the stack of this project's program, making it if it is new. */
export async function openStack(stackName: string, prepared: Prepared): Promise<automation.Stack> {
  const bin = prepared.pulumiBin;
  const pulumiCommand = await automation.PulumiCommand.get({
    ...(bin === undefined ? {} : { root: dirname(bin) }),
    skipVersionCheck: true, // checked when the CLI was chosen
  });
  const open = () =>
    automation.LocalWorkspace.createOrSelectStack(
      { stackName, workDir: root },
      { pulumiCommand, pulumiHome, envVars: prepared.env },
    );
  try {
    return await open();
  } catch (error) {
    if (!(error instanceof Error && error.message.includes("incorrect passphrase"))) throw error;
    // The configuration outlives the state, and so may be older than the passphrase.
    await forgetSalt(stackName, error);
    return await open();
  }
}

export function ownerOf(stack: automation.Stack): Owner {
  return { project: PROJECT, stack: stack.name };
}

/**
 * Makes a stack whose last update was killed fit for the next one: its lock is released, what the engine has and
 * the state does not know is removed (never a volume), and the half-done operations are forgotten.
 *
 * Returns sentences for the user; none when there was nothing to take over.
 */
export async function takeOver(stack: automation.Stack): Promise<string[]> {
  const said: string[] = [];
  if (await releaseStaleLock(stack, PROJECT)) said.push("an update that was killed has been cancelled");
  const state = await readState(stack);
  const removed = await removeUnknown(connectEngine(), ownerOf(stack), state.ids);
  if (removed.length > 0) said.push(`left over from a killed update and removed: ${removed.join(", ")}`);
  if (state.pending > 0) await forgetPending(stack);
  const strays = (await partsOf(ownerOf(stack))).volumes.filter(({ name }) => !state.ids.has(name));
  const data = namesOf(strays.filter((one) => !holdsBackups(one)));
  if (data !== "") {
    said.push(
      `kept and not used: ${data}, the data of members that left, or of an earlier life of this stack (./run down removes it)`,
    );
  }
  return [...said, ...backupsKept(strays)];
}

/** Of volumes that no state knows: which of them hold the backups of a cluster that is gone. */
export function backupsKept(strays: Parts["volumes"]): string[] {
  const names = strays.filter(holdsBackups).map(({ name }) => name);
  return names.length === 0
    ? []
    : [
        `kept: ${names.join(", ")}, with the backups of an earlier life of this stack (docs/teardown.md says how to ` +
          `restore from them; docker volume rm ${names.join(" ")} removes them)`,
      ];
}

function namesOf(volumes: Parts["volumes"]): string {
  return volumes.map(({ name }) => name).join(", ");
}

/** Everything on the engine that belongs to the stack. */
export async function partsOf(stack: Owner): Promise<Parts> {
  return await findParts(connectEngine(), stack);
}

/** What the state says of the end of a stack. */
export interface Guards {
  /** Clusters that may not be taken down. */
  readonly protectedClusters: readonly string[];
  /** Whether there is a volume of the stack's own S3 server that stays. */
  readonly keepsBackups: boolean;
}

export async function guardsOf(stack: automation.Stack): Promise<Guards> {
  const { deployment } = await stack.exportStack();
  const resources: readonly StateResource[] = deployment?.resources ?? [];
  const guards = resources.filter(({ type, protect }) => type === "spilo:index:Guard" && protect === true);
  return {
    protectedClusters: guards.map(({ id = "" }) => id),
    keepsBackups: resources.some(
      ({ type, retainOnDelete, urn }) =>
        type === "docker:index/volume:Volume" && retainOnDelete === true && urn.endsWith("-s3-data"),
    ),
  };
}

/** As much of a resource in a state as counts here. */
interface StateResource {
  readonly urn: string;
  readonly type: string;
  readonly id?: string;
  readonly protect?: boolean;
  readonly retainOnDelete?: boolean;
}

interface State {
  readonly ids: ReadonlySet<string>;
  readonly pending: number;
}

async function readState(stack: automation.Stack): Promise<State> {
  const { deployment } = await stack.exportStack();
  const ids: string[] = (deployment?.resources ?? []).map((one: { id?: string }) => one.id ?? "");
  return { ids: new Set(ids), pending: deployment?.pending_operations?.length ?? 0 };
}

/** What was pending has been removed from the engine, so there is nothing left to remember. */
async function forgetPending(stack: automation.Stack): Promise<void> {
  const exported = await stack.exportStack();
  const { pending_operations: _, ...deployment } = exported.deployment;
  await stack.importStack({ ...exported, deployment });
}
