import type { ClusterSpec } from "../schema/cluster-spec.ts";
import type { SpecIssue } from "../schema/spec-error.ts";

/** A rule over several keys of a specification, each of which is sound by itself. */
export interface Rule {
  /** The keys that the rule looks at; it is left out when one of them is already known to be wrong. */
  readonly reads: readonly string[];
  /** The platform that it is about. @default all of them */
  readonly on?: ClusterSpec["platform"];
  readonly check: (spec: ClusterSpec) => readonly SpecIssue[];
}
