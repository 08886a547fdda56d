import { bytesInWords } from "../schema/byte-words.ts";
import type { ClusterSpec } from "../schema/cluster-spec.ts";
import { memoryMib } from "../schema/quantity.ts";
import type { SpecIssue } from "../schema/spec-error.ts";

/** Above this share of its declared size, a volume is nearly full. */
export const nearlyFull = 0.8;

/**
 * A volume that has data cannot be made smaller under it. That the key is removed is no smaller size: it is none.
 */
export function volumeGrows(
  { resources: { volume: older } }: ClusterSpec,
  { resources: { volume: newer } }: ClusterSpec,
): readonly SpecIssue[] {
  if (older === undefined || newer === undefined || memoryMib(newer) >= memoryMib(older)) return [];
  return [
    {
      path: "resources.volume",
      value: newer,
      message: `must not be less than ${older}: a volume is not made smaller under its data`,
      remedy: `Set it to ${older} or more. Declare a second cluster with the smaller one, and bring the data with pg_dump.`,
    },
  ];
}

/** What a declared size means, when it is new or another one; undefined when there is nothing to say. */
export function describeVolume(before: ClusterSpec | undefined, now: ClusterSpec): string | undefined {
  const { volume } = now.resources;
  if (volume === undefined || volume === before?.resources.volume) return undefined;
  const warnedAt = bytesInWords(memoryMib(volume) * nearlyFull * 1024 ** 2);
  return (
    `resources.volume ${volume} is declared and not enforced on Docker: ` +
    `a member may fill the host's disk, and \`spiloctl status\` warns from ${warnedAt} on`
  );
}
