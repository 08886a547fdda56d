import { tmpdir } from "node:os";
import { z } from "zod";
import type { MarkedOwner } from "../../cluster/leases/marker.ts";
import { ActionError } from "../action-error.ts";
import { runPulumi } from "../run-pulumi.ts";
import { stateWithout } from "./state-without.ts";

/** Takes a cluster out of the state that it is in. @returns what came of that, as a sentence without an end. */
export type DropState = (of: MarkedOwner, signal?: AbortSignal) => Promise<string>;

/** In a folder with a program the CLI takes no stack of another project. */
const folder = tmpdir();

const listed = z.array(z.object({ name: z.string() }));

/**
 * In the backend that the Pulumi CLI is logged in to: a stack that has nothing else is removed, out of any other one the
 * cluster is taken.
 *
 * @throws ActionError `failed` when the CLI finds the stack and cannot change it.
 */
export const dropState: DropState = async ({ project, stack, cluster }, signal) => {
  const all = await runPulumi(["stack", "ls", "--all", "--json"], { folder, signal });
  if (all === undefined || all.exitCode !== 0) return "no Pulumi backend could be asked for its state";
  const name = listed
    .parse(JSON.parse(all.stdout))
    .map((one) => one.name)
    .find((full) => full.endsWith(`/${project}/${stack}`));
  if (name === undefined) return `no stack ${project}/${stack} in this backend`;
  const state: unknown = JSON.parse(await told(["stack", "export", "--stack", name], { signal }));
  const { dropped, isEmpty, left } = stateWithout(state, cluster);
  if (isEmpty) {
    await told(["stack", "rm", "--yes", "--force", "--preserve-config", "--stack", name], { signal });
    return `stack ${name} removed`;
  }
  if (dropped === 0) return `stack ${name} does not have it`;
  await told(["stack", "import", "--stack", name], { signal, input: JSON.stringify(left) });
  return `taken out of stack ${name}, which has more`;
};

interface Run {
  readonly signal?: AbortSignal | undefined;
  readonly input?: string;
}

/** No output is part of an error: it may be a state, with what that has. */
async function told(args: readonly string[], run: Run): Promise<string> {
  const ended = await runPulumi(args, { ...run, folder });
  if (ended?.exitCode === 0) return ended.stdout;
  throw new ActionError("failed", `pulumi ${args.slice(0, 2).join(" ")}: ${ended?.why ?? "it said nothing"}`);
}
