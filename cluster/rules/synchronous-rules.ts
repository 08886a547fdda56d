import type { ClusterSpec } from "../schema/cluster-spec.ts";
import { inWords } from "../schema/number-words.ts";
import type { SpecIssue } from "../schema/spec-error.ts";
import type { Rule } from "./rule.ts";

/** What synchronous commit needs of the members. */
export const synchronousRules: readonly Rule[] = [
  { reads: ["synchronous.mode", "members"], check: standbyExists },
  { reads: ["synchronous", "members"], check: enoughStandbys },
  { reads: ["synchronous", "members"], check: nothingAskedOfOff },
  { reads: ["synchronous", "members", "postgresql.parameters"], check: commitIsDurable },
];

function standbyExists({ members, synchronous: { mode } }: ClusterSpec): readonly SpecIssue[] {
  if (members > 1 || mode === "off") return [];
  return [
    {
      path: "synchronous.mode",
      value: mode,
      message: "a commit is to wait for a standby, but members is 1: there is none",
      remedy: "Remove synchronous.mode, or set members to 2 or more.",
    },
  ];
}

function enoughStandbys({ members, synchronous: { mode, count } }: ClusterSpec): readonly SpecIssue[] {
  const standbys = members - 1;
  if (standbys === 0 || mode === "off" || count <= standbys) return [];
  const asked = `${inWords(count)} synchronous standbys are`;
  const there = standbys === 1 ? "only one standby exists" : `only ${inWords(standbys)} standbys exist`;
  return [
    {
      path: "synchronous.count",
      value: count,
      message: `${asked} asked for, but members is ${members}: ${there}`,
      remedy: `Set synchronous.count to ${standbys}, or members to ${count + 1}${count < 8 ? " or more" : ""}.`,
    },
  ];
}

function nothingAskedOfOff({ members, synchronous }: ClusterSpec): readonly SpecIssue[] {
  if (synchronous.mode !== "off") return [];
  const why = members === 1 ? "members is 1: no standby has a commit" : "synchronous.mode is off";
  const on = members === 1 ? "set members to 2 or more" : "set synchronous.mode to quorum";
  const issues: SpecIssue[] = [];
  if (synchronous.durability === "required") {
    const message = `no commit waits for a standby, because ${why}`;
    const remedy = `Remove synchronous.durability, or ${on}.`;
    issues.push({ path: "synchronous.durability", value: "required", message, remedy });
  }
  if (synchronous.count > 1) {
    const message = `no standby is synchronous, because ${why}`;
    const remedy = `Remove synchronous.count, or ${on}.`;
    issues.push({ path: "synchronous.count", value: synchronous.count, message, remedy });
  }
  return issues;
}

/** A default of `local` or less takes back for every session what synchronous.mode promises. */
function commitIsDurable({ synchronous, postgresql: { parameters } }: ClusterSpec): readonly SpecIssue[] {
  const commit = parameters["synchronous_commit"];
  const weak = commit === false ? "off" : String(commit).toLowerCase();
  if (synchronous.mode === "off" || !["off", "local", "remote_write"].includes(weak)) return [];
  return [
    {
      path: "postgresql.parameters.synchronous_commit",
      value: commit,
      message: `a commit would be acknowledged before a standby has it on disk; synchronous.mode is ${synchronous.mode}`,
      remedy:
        "Remove it and set it per transaction where a loss is bearable, or set synchronous.mode to off.",
    },
  ];
}
