import { tmpdir } from "node:os";
import { z } from "zod";
import type { MarkedOwner } from "../../cluster/leases/marker.ts";
import { ActionError } from "../action-error.ts";
import { runPulumi } from "../run-pulumi.ts";
import { stateWithout } from "./state-without.ts";

/** Works out how a cluster is taken out of the state that it is in, and changes nothing yet. */
export type FindState = (of: MarkedOwner, signal?: AbortSignal) => Promise<FoundState>;

/** The state that a cluster is in, if there is one. */
export interface FoundState {
  /** From when on the time to live counts, as the state has it: ISO 8601; undefined: it does not say. */
  readonly since?: string | undefined;
  /** Takes the cluster out. @returns what came of that, as a sentence without an end. */
  drop(): Promise<string>;
}

/** In a folder with a program the CLI takes no stack of another project. */
const folder = tmpdir();

const listed = z.array(z.object({ name: z.string() }));

/**
 * In the backend that the Pulumi CLI is logged in to: a stack that has nothing else is removed, out of any other one the
 * cluster is taken. Several may be called alike, as each organisation has its own, and the cluster in one may be of another
 * life: what does not have this incarnation is left alone.
 *
 * @throws ActionError `failed` when the CLI finds the stack and cannot read it, or change it.
 */
export const findState: FindState = async (of, signal) => {
  const names = await stacksOf(of, signal);
  if (names === undefined) return leftAlone("no Pulumi backend could be asked for its state");
  if (names.length === 0) return leftAlone(`no stack ${of.project}/${of.stack} in this backend`);
  const having: string[] = [];
  const since: string[] = [];
  const others: string[] = [];
  for (const name of names) {
    const { has, since: counted } = stateWithout(await stateOf(name, signal), of);
    if (counted !== undefined) since.push(counted);
    if (has === "it") having.push(name);
    else if (has === "neither") others.push(`stack ${name} does not have it`);
    else others.push(`stack ${name} is left: its state is of another life`);
  }
  if (having.length === 0) return leftAlone(others.join(", "));
  return {
    since: since.toSorted().at(-1),
    drop: async () => {
      const told: string[] = [];
      for (const name of having) told.push(await drop(name, of, signal));
      return told.join(", ");
    },
  };
};

function leftAlone(why: string): FoundState {
  return { drop: async () => why };
}

/** Full names of the stacks that the cluster may be in; undefined: there is no backend to ask. */
async function stacksOf(
  { project, stack }: MarkedOwner,
  signal: AbortSignal | undefined,
): Promise<readonly string[] | undefined> {
  const all = await runPulumi(["stack", "ls", "--all", "--json"], { folder, signal });
  if (all === undefined || all.exitCode !== 0) return undefined;
  const names = listed.parse(JSON.parse(all.stdout)).map(({ name }) => name);
  return names.filter((full) => full.endsWith(`/${project}/${stack}`));
}

async function stateOf(name: string, signal: AbortSignal | undefined): Promise<unknown> {
  return JSON.parse(await told(["stack", "export", "--stack", name], { signal }));
}

/** The state is read again: while the cluster was removed, an update may have made something else in its stack. */
async function drop(name: string, of: MarkedOwner, signal: AbortSignal | undefined): Promise<string> {
  const { has, isEmpty, left } = stateWithout(await stateOf(name, signal), of);
  if (has !== "it") return `stack ${name} does not have it any more`;
  if (isEmpty) {
    await told(["stack", "rm", "--yes", "--force", "--preserve-config", "--stack", name], { signal });
    return `stack ${name} removed`;
  }
  await told(["stack", "import", "--stack", name], { signal, input: JSON.stringify(left) });
  return `taken out of stack ${name}, which has more`;
}

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
