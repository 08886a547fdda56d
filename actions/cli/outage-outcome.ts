import { describeOutage } from "../probe/describe-outage.ts";
import type { ProbeResult } from "../probe/write-probe.ts";
import type { Outcome } from "./context.ts";

/** Of a verb that measures what applications see of it: the last line says so. */
export function outageOutcome<T extends object & { readonly outage?: ProbeResult }>(report: T): Outcome {
  const { outage } = report;
  return { report, lines: () => (outage === undefined ? [] : [`  ${describeOutage(outage)}`]) };
}
