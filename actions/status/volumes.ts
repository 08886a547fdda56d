import { containerPaths } from "../../cluster/render/container-paths.ts";
import { ActionError } from "../action-error.ts";
import type { ClusterHandle } from "../handle.ts";
import { ASK_MS, type Asked, ask } from "./ask.ts";

/** How much a member has on its volume: its data, its WAL and what Patroni keeps. */
export interface VolumeUse {
  readonly member: string;
  readonly usedBytes: Asked<number>;
}

/**
 * Asks each member for itself, in its container: the engine does not know, as nothing limits its volumes. None is asked
 * when no size is declared.
 */
export async function observeVolumes(
  { members, volumeMib, execOn }: Pick<ClusterHandle, "members" | "volumeMib" | "execOn">,
  askMs: number = ASK_MS,
): Promise<readonly VolumeUse[]> {
  if (volumeMib === undefined) return [];
  const command = ["du", "--summarize", "--block-size=1K", containerPaths.memberData];
  return Promise.all(
    members.map(async ({ name }) => {
      const usedBytes = await ask(async () => {
        const ended = await execOn(name)(name, command, { user: "postgres", timeoutMs: askMs });
        // It ends with 1 when a file has gone while it counted; what it has counted is good.
        const [, kilobytes] = /^(\d+)\s/.exec(ended.output) ?? [];
        if (kilobytes !== undefined && ended.exitCode <= 1) return Number(kilobytes) * 1024;
        throw new ActionError("failed", `${name}: du ended with ${ended.exitCode}: ${ended.errors.trim()}`);
      }, askMs);
      return { member: name, usedBytes };
    }),
  );
}
