import { reasonOf } from "../action-error.ts";
import type { ProbeResult, WriteProbe } from "../probe/write-probe.ts";
import type { Narrator } from "./verb.ts";

/** Acknowledged commits on both sides of an outage that is measured, and how long they may take. */
const WRITES = 20;
const WRITES_MS = 10_000;

export interface Measured<T> {
  readonly result: T;
  /** Absent when nothing could be written before or after the work. */
  readonly outage?: ProbeResult;
}

/**
 * Writes while work is done that interrupts writing. The work is what was asked for: that it could not be measured is
 * told, and stops nothing.
 */
export async function measuringOutage<T>(
  probe: WriteProbe,
  { narrator, signal }: { readonly narrator: Narrator; readonly signal?: AbortSignal | undefined },
  work: () => Promise<T>,
): Promise<Measured<T>> {
  const writes = async (): Promise<boolean> => {
    try {
      await probe.writes(WRITES, WRITES_MS, signal);
      return true;
    } catch (error) {
      signal?.throwIfAborted();
      narrator.warn(`the outage is not measured: ${reasonOf(error)}`);
      return false;
    }
  };
  let result: T;
  let isWhole: boolean;
  let outage: ProbeResult;
  try {
    const before = await writes();
    result = await work();
    isWhole = before && (await writes());
  } finally {
    outage = await probe.stop();
  }
  return isWhole ? { result, outage } : { result };
}
