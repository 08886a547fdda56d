import type { ClusterReach } from "../actions/reach.ts";

/** What one resource has to know of others that were worked on in the same run, and that no input can tell. */
interface RunMemory {
  /** Members that were replaced in this run. */
  readonly renewed: Set<string>;
  /** How the cluster is reached now: what is deleted was made with an older one. */
  reach?: ClusterReach;
  /** All of the cluster is deleted, and not some members of it. */
  goesDown: boolean;
  /** Zones that are declared as not available: nobody is called there. */
  readonly lostZones: Set<string>;
}

const memories = new Map<string, RunMemory>();

/** Of one cluster, for as long as this process lives: that is one preview or update. */
export function runMemory(incarnation: string): RunMemory {
  const known = memories.get(incarnation) ?? {
    renewed: new Set<string>(),
    goesDown: false,
    lostZones: new Set<string>(),
  };
  memories.set(incarnation, known);
  return known;
}
