/** What a preview and a plan say of members that are replaced or leave, in the same words. */

/** How members are taken, whoever leads. */
export const inTurn = "standbys one after the other, then, after one switchover, whoever leads";

export function turnSentence(member: string): string {
  return `${member} is replaced in its turn: ${inTurn}`;
}

export function replicaTurnSentence(replica: string): string {
  return `read replica ${replica} is replaced before any member: its readers go elsewhere meanwhile`;
}

interface Leaving {
  readonly names: readonly string[];
  /** Whether their volumes stay. */
  readonly volumesKept: boolean;
  /** How many members are left. */
  readonly left: number;
}

export function leavingSentence({ names, volumesKept, left }: Leaving): string {
  const data = volumesKept ? "" : " with the data on their volumes";
  const rest = volumesKept ? "; their volumes stay, as deletionProtection is on" : "";
  const last = left === 1 ? "; nobody takes over for the last member then" : "";
  return `${names.join(", ")}: removed${data}, after one switchover if one of them leads${rest}${last}`;
}

export function joiningSentence(names: readonly string[]): string {
  return `${names.join(", ")}: added; no other member is touched`;
}

export function protectionSentence(on: boolean): string {
  return on
    ? "deletionProtection is on after this update: a destroy is refused, and volumes of members that leave stay"
    : "deletionProtection is off after this update: `pulumi destroy` takes the cluster down";
}
