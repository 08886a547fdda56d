import type { ClusterPlan, ClusterSpec } from "../cluster/index.ts";
import { firstClash, type PortClaim, portClaims } from "../cluster/placement/port-claims.ts";
import { refusal } from "./refusal.ts";

/** Of all clusters that this program has declared so far. */
const held: PortClaim[] = [];

/**
 * Refuses a cluster that would listen where another one of this program does.
 *
 * @throws pulumi.RunError that names both and the port.
 */
export function claimPorts({ network }: ClusterSpec, plan: ClusterPlan): void {
  const wanted = portClaims(plan, network.firstPort);
  const clash = firstClash(held, wanted);
  if (clash !== undefined) throw refusal(clashText(clash));
  held.push(...wanted);
}

function clashText({ held: theirs, wanted: ours }: { held: PortClaim; wanted: PortClaim }): string {
  return (
    `error  spilo:cluster.${ours.setting}: ${rangeText(ours)}\n` +
    `       cluster ${theirs.cluster} has ${rangeText(theirs)} of ${ours.address} by its ${theirs.setting}.\n` +
    `       Set ${ours.setting} of ${ours.cluster} to ports that no cluster has on these hosts.`
  );
}

function rangeText({ from, to }: PortClaim): string {
  return from === to ? `${from}` : `${from} to ${to}`;
}
