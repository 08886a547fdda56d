import type { ClusterSpec } from "../schema/cluster-spec.ts";
import type { SpecIssue } from "../schema/spec-error.ts";
import type { Rule } from "./rule.ts";

/** What the recovery objective needs of the rest. */
export const recoveryRules: readonly Rule[] = [
  { reads: ["recovery", "synchronous.mode", "members"], check: fastNeedsSynchronous },
];

/**
 * A leader that crashes is not waited for then. Without synchronous commit, the standby that takes over lacks what had
 * not reached it, at every crash. With one member nobody takes over, and nothing is lost.
 */
function fastNeedsSynchronous({ members, synchronous, recovery }: ClusterSpec): readonly SpecIssue[] {
  const { objective, acceptDataLoss } = recovery;
  if (objective !== "fast" || synchronous.mode !== "off" || members === 1 || acceptDataLoss) return [];
  return [
    {
      path: "recovery.objective",
      value: objective,
      message:
        "a crashed leader is replaced at once, and synchronous.mode is off: each crash would lose the last commits",
      remedy:
        "Set synchronous.mode to quorum, or recovery.objective to normal; or accept the loss by recovery.acceptDataLoss: true.",
    },
  ];
}
