import type { Json } from "../../cluster/settings/merge-patch.ts";
import type { ClusterEvent } from "../events.ts";

/** How long a step of maintenance is expected to take. */
export interface Length {
  readonly milliseconds: number;
  /** It is the longest that was seen in this cluster lately; false: nobody has measured it yet. */
  readonly measured: boolean;
}

export interface Lengths {
  /** Until a standby streams again. */
  readonly standby: Length;
  /** Until the leader leads again. */
  readonly leader: Length;
  /** For how long nobody can write meanwhile, milliseconds; null: nobody has measured it yet. */
  readonly outageMs: number | null;
}

/** For a restart that nobody has measured: a shutdown checkpoint of a busy server, and its start. */
const unmeasured: Length = { milliseconds: 120_000, measured: false };

/** Of how many restarts the longest counts: the newest ones, since data grows and machines change. */
const LATEST = 10;

/**
 * What to expect, from the restarts that were noted. Of `standbyMs`, `leaderMs` and `outageMs` in their details, the longest
 * of the newest ten counts each: a step that takes longer than expected outlasts the window.
 *
 * @param events oldest first.
 */
export function lengthsFrom(events: readonly ClusterEvent[]): Lengths {
  const details = events.filter(({ kind }) => kind === "restart").map(({ detail }) => detail);
  const longest = (key: string): number | undefined => {
    const measured = details.map((detail) => detail[key]).filter(isLength);
    return measured.length === 0 ? undefined : Math.max(...measured.slice(-LATEST));
  };
  const lengthOf = (milliseconds: number | undefined): Length =>
    milliseconds === undefined ? unmeasured : { milliseconds, measured: true };
  return {
    standby: lengthOf(longest("standbyMs")),
    leader: lengthOf(longest("leaderMs")),
    outageMs: longest("outageMs") ?? null,
  };
}

/** The table is written by others as well. */
function isLength(value: Json | undefined): value is number {
  return typeof value === "number" && value >= 0;
}
