import { findParameter, numericValue } from "./parameters.ts";
import type { ParameterValue } from "./plan-types.ts";
import type { Rule } from "./rules.ts";
import type { ClusterSpec } from "./spec.ts";
import type { SpecIssue } from "./spec-error.ts";

/** Enough for nine members and some backups: within it nothing has to restart when a cluster grows. */
const roomToGrow = 20;

const sized = ["max_wal_senders", "max_replication_slots"] as const;

/** Numbers that have to be large enough for the cluster, or for each other. */
export const sizingRules: readonly Rule[] = [
  { reads: ["members", "postgresql.parameters"], check: sendersSuffice },
  { reads: ["postgresql.parameters"], check: connectionsRemain },
  { reads: ["resources.memory", "postgresql.parameters"], check: buffersFitMemory },
];

/**
 * WAL senders, and replication slots, that a cluster needs: four for the members and their backups, or one a member
 * and one to spare when that is more.
 */
export function neededSenders({ members }: Pick<ClusterSpec, "members">): number {
  return Math.max(4, members + 1);
}

/** What max_wal_senders and max_replication_slots are when the user says nothing. */
export function defaultSenders(spec: Pick<ClusterSpec, "members">): number {
  return Math.max(roomToGrow, neededSenders(spec));
}

function sendersSuffice(spec: ClusterSpec): readonly SpecIssue[] {
  const needed = neededSenders(spec);
  return sized.flatMap((name) => {
    const value = spec.postgresql.parameters[name];
    const number = numberOf(name, value);
    if (number === undefined || number >= needed) return [];
    return [
      {
        path: `postgresql.parameters.${name}`,
        value,
        message: `${needed} are needed: max(4, members + 1), with ${spec.members} members`,
        remedy: `Set it to ${needed} or more, or remove it: then it is ${defaultSenders(spec)}.`,
      },
    ];
  });
}

/** PostgreSQL does not start when its reserved connections leave none over. */
function connectionsRemain({ postgresql: { parameters } }: ClusterSpec): readonly SpecIssue[] {
  const [all, superuser, reserved] = (
    ["max_connections", "superuser_reserved_connections", "reserved_connections"] as const
  ).map((name) => numberOf(name, parameters[name] ?? findParameter(name)?.default));
  if (all === undefined || superuser === undefined || reserved === undefined) return [];
  if (superuser + reserved < all) return [];
  return [
    {
      path: "postgresql.parameters.max_connections",
      value: parameters["max_connections"] ?? all,
      message: `superuser_reserved_connections and reserved_connections take ${superuser + reserved}: none is left`,
      remedy: `Set max_connections to more than ${superuser + reserved}, or reserve fewer.`,
    },
  ];
}

/** Half is already more than PostgreSQL's manual recommends; above it the kernel's cache starves. */
function buffersFitMemory({ resources, postgresql: { parameters } }: ClusterSpec): readonly SpecIssue[] {
  const value = parameters["shared_buffers"];
  const buffers = numberOf("shared_buffers", value);
  const limit = resources.memory === undefined ? undefined : numberOf("shared_buffers", resources.memory);
  if (buffers === undefined || limit === undefined || buffers <= limit / 2) return [];
  return [
    {
      path: "postgresql.parameters.shared_buffers",
      value,
      message: `is more than half of resources.memory, which is ${resources.memory}`,
      remedy: "Set it to a quarter of the memory, or remove it: then it is that.",
    },
  ];
}

/** A parameter's value as a number; undefined when it is absent, or wrong in itself and told of elsewhere. */
function numberOf(name: string, value: ParameterValue | undefined): number | undefined {
  const parameter = findParameter(name);
  return parameter === undefined || value === undefined ? undefined : numericValue(parameter, value);
}
