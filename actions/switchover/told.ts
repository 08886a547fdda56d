import { describeOutage } from "../probe/describe-outage.ts";
import type { ProbeResult } from "../probe/write-probe.ts";
import type { Narrator } from "../verbs/verb.ts";
import type { RoleTools } from "./role-tools.ts";
import type { Watch } from "./watched.ts";

/** A change of the leader that has happened. */
export interface Happened {
  readonly kind: "switchover" | "failover";
  readonly from: string;
  readonly to: string;
  readonly narrator: Narrator;
}

export interface Measured<T> {
  readonly settled: T;
  readonly outage?: ProbeResult;
}

/**
 * Waits for what comes after a change of the leader, and notes the change with what an application saw of it: also when
 * what comes after fails, as the change has happened. Then it is told as well, since there will be no report.
 */
export async function measured<T>(
  tools: RoleTools,
  watch: Watch,
  happened: Happened,
  after: () => Promise<T>,
): Promise<Measured<T>> {
  try {
    const settled = await after();
    const outage = await watch.stop();
    await record(tools, happened, outage);
    return { settled, ...(outage === undefined ? {} : { outage }) };
  } catch (error) {
    const outage = await watch.stop();
    if (outage !== undefined) happened.narrator.note(describeOutage(outage));
    await record(tools, happened, outage);
    throw error;
  }
}

async function record(
  tools: RoleTools,
  { kind, from, to }: Happened,
  outage: ProbeResult | undefined,
): Promise<void> {
  const outageMs = outage === undefined ? {} : { outageMs: Math.round(outage.longestGapMs) };
  const lost = outage?.missing === undefined ? {} : { lost: outage.missing.length };
  await tools.record(kind, { from, to, ...outageMs, ...lost });
}

/** Counters begin at zero on a new leader; what the planner knows of the tables came with the data. */
export function statisticsOf(leader: string): string {
  return `${leader} gathers statistics anew by itself (vacuumdb --analyze); pg_stat_* counters start from zero`;
}
