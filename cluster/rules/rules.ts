import type { ClusterSpec } from "../schema/cluster-spec.ts";
import type { SpecIssue } from "../schema/spec-error.ts";
import { applicationRules } from "./application-rules.ts";
import { archiveRules } from "./archive-rules.ts";
import { awsOriginRules } from "./aws-origin-rules.ts";
import { awsRules } from "./aws-rules.ts";
import { endpointRules } from "./endpoint-rules.ts";
import { maintenanceRules } from "./maintenance-rules.ts";
import { nameRules } from "./name-rules.ts";
import { parameterRules } from "./parameter-rules.ts";
import { placementRules } from "./placement-rules.ts";
import { recoveryRules } from "./recovery-rules.ts";
import { replicaRules } from "./replica-rules.ts";
import { restoreRules } from "./restore-rules.ts";
import type { Rule } from "./rule.ts";
import { sizingRules } from "./sizing.ts";
import { slotRules } from "./slot-rules.ts";
import { standbyRules } from "./standby-rules.ts";
import { synchronousRules } from "./synchronous-rules.ts";
import { testClusterRules } from "./test-cluster-rules.ts";
import { vipRules } from "./vip-rules.ts";

/** All of them, in the order in which their findings are told. */
const rules: readonly Rule[] = [
  ...nameRules,
  ...endpointRules,
  ...vipRules,
  ...placementRules,
  ...awsRules,
  ...archiveRules,
  ...restoreRules,
  ...replicaRules,
  ...standbyRules,
  ...awsOriginRules,
  ...applicationRules,
  ...synchronousRules,
  ...recoveryRules,
  ...maintenanceRules,
  ...testClusterRules,
  ...slotRules,
  ...sizingRules,
  ...parameterRules,
];

/**
 * What the rules find.
 *
 * @param broken paths whose value is a stand-in, so that nothing is said of what the user did not write.
 */
export function runRules(spec: ClusterSpec, broken: readonly string[]): readonly SpecIssue[] {
  // A wrong parameter was left out, and the others are still all that the user wrote.
  const replaced = broken.filter((path) => !isInside(path, "postgresql.parameters"));
  return rules
    .filter(({ on = spec.platform }) => on === spec.platform)
    .filter(({ reads }) => !reads.some((key) => replaced.some((path) => overlap(key, path))))
    .flatMap(({ check }) => check(spec));
}

/** Is one path the other, or inside it? */
function overlap(left: string, right: string): boolean {
  return left === right || isInside(left, right) || isInside(right, left);
}

function isInside(inner: string, outer: string): boolean {
  return inner.startsWith(`${outer}.`) || inner.startsWith(`${outer}[`);
}
