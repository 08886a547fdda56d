import type { ClusterSpec } from "../schema/cluster-spec.ts";
import type { SpecIssue } from "../schema/spec-error.ts";
import { slotNameOf } from "../settings/slot-name.ts";
import type { Rule } from "./rule.ts";

/** Replication slots that are declared, and what they need. */
export const slotRules: readonly Rule[] = [
  { reads: ["logicalSlots", "keptSlots"], check: eachNamedOnce },
  { reads: ["logicalSlots", "keptSlots", "name"], check: noMembersSlot },
  { reads: ["logicalSlots"], check: databaseTakesChanges },
  { reads: ["logicalSlots", "postgresql.parameters"], check: walIsLogical },
  { reads: ["logicalSlots", "postgresql.parameters"], check: standbysGiveFeedback },
];

interface NamedSlot {
  readonly path: string;
  readonly name: string;
}

function namedSlots({ logicalSlots, keptSlots }: ClusterSpec): readonly NamedSlot[] {
  return [
    ...logicalSlots.map(({ name }, index) => ({ path: `logicalSlots[${index}].name`, name })),
    ...keptSlots.map((name, index) => ({ path: `keptSlots[${index}]`, name })),
  ];
}

/** A slot has one owner: Patroni, or whoever made it. */
function eachNamedOnce(spec: ClusterSpec): readonly SpecIssue[] {
  const slots = namedSlots(spec);
  return slots.flatMap(({ path, name }, index) => {
    const first = slots.findIndex((one) => one.name === name);
    if (first === index) return [];
    const message = `is the name in ${slots[first]?.path} already`;
    return [{ path, value: name, message, remedy: "Choose another name, or remove one of the two." }];
  });
}

/** Of any member that there may be: with Patroni a slot is a member's by its name. */
function noMembersSlot(spec: ClusterSpec): readonly SpecIssue[] {
  const own = new RegExp(`^${slotNameOf(spec.name)}_[0-9]+(_|$)`);
  return namedSlots(spec)
    .filter(({ name }) => own.test(name))
    .map(({ path, name }) => ({
      path,
      value: name,
      message: "is what the slot of one of the cluster's members is named, or may be",
      remedy: `Choose a name that does not begin with ${slotNameOf(spec.name)}_ and a number.`,
    }));
}

function databaseTakesChanges({ logicalSlots }: ClusterSpec): readonly SpecIssue[] {
  return logicalSlots.flatMap(({ database }, index) => {
    if (!["template0", "template1"].includes(database)) return [];
    const path = `logicalSlots[${index}].database`;
    const message = "is a template for databases, and holds no data of its own";
    return [{ path, value: database, message, remedy: "Set it to the database whose changes are wanted." }];
  });
}

/**
 * It is to be written, and not implied: with the last slot it would go back by itself, and a server that has a logical slot
 * left does not start with less.
 */
function walIsLogical({ logicalSlots, postgresql }: ClusterSpec): readonly SpecIssue[] {
  const { wal_level: level = "replica" } = postgresql.parameters;
  if (logicalSlots.length === 0 || String(level).toLowerCase() === "logical") return [];
  return [
    {
      path: "logicalSlots",
      message: `takes WAL that can be decoded, but postgresql.parameters.wal_level is ${level}`,
      remedy: "Set postgresql.parameters.wal_level to logical: every member restarts once for it.",
    },
  ];
}

/** Without it the leader removes catalog rows that a copy on a standby still needs. */
function standbysGiveFeedback({ logicalSlots, postgresql }: ClusterSpec): readonly SpecIssue[] {
  const { hot_standby_feedback: feedback = "on" } = postgresql.parameters;
  if (logicalSlots.length === 0 || feedback === true || isOn(String(feedback))) return [];
  return [
    {
      path: "postgresql.parameters.hot_standby_feedback",
      value: feedback,
      message: "the copies of logicalSlots on standbys need it, and Patroni turns it on there",
      remedy: "Remove it: with logicalSlots it is on.",
    },
  ];
}

/** PostgreSQL takes any beginning of a word. */
function isOn(written: string): boolean {
  return /^(on|t(r(ue?)?)?|y(es?)?|1)$/i.test(written.trim());
}
