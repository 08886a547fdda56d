import { findParameter, numericValue } from "../parameters/parameters.ts";
import type { ParameterValue } from "../plan-types.ts";
import type { ClusterSpec } from "../schema/cluster-spec.ts";
import type { SpecIssue } from "../schema/spec-error.ts";
import type { Rule } from "./rule.ts";

/** Enough for nine members and some backups: within it nothing has to restart when a cluster grows. */
const roomToGrow = 20;

/** A hundred sessions with 4MB each: PostgreSQL's defaults. */
const usualWorkKilobytes = 100 * 4096;

const sized = ["max_wal_senders", "max_replication_slots"] as const;

/** Numbers that have to be large enough for the cluster, or for each other. */
export const sizingRules: readonly Rule[] = [
  {
    reads: ["members", "replicas", "logicalSlots", "keptSlots", "postgresql.parameters"],
    check: (spec) => sendersSuffice(sendersWantedBy(spec), spec.postgresql.parameters),
  },
  { reads: ["postgresql.parameters"], check: connectionsRemain },
  {
    reads: ["postgresql.parameters", "postgresql.version", "replicas", "logicalSlots", "keptSlots"],
    check: backendsFit,
  },
  { reads: ["resources.memory", "replicas", "postgresql.parameters"], check: eachMemory(buffersFitMemory) },
  { reads: ["resources.memory", "replicas", "postgresql.parameters"], check: eachMemory(sessionsFitMemory) },
];

/** What takes a WAL sender, and a replication slot, of a cluster's leader. */
export interface SendersWanted {
  readonly members: number;
  /** Read replicas that are no members. @default 0 */
  readonly replicas?: number;
  /** Clusters elsewhere that follow this one. @default 0 */
  readonly standbyClusters?: number;
  /** @default 0 */
  readonly logicalSlots?: number;
  /** Slots made by hand that are left alone. @default 0 */
  readonly keptSlots?: number;
}

/** What a specification declares of them. */
export function sendersWantedBy(spec: DeclaredSenders): SendersWanted {
  const { members, replicas, logicalSlots, keptSlots } = spec;
  return {
    members,
    replicas: replicas.length,
    logicalSlots: logicalSlots.length,
    keptSlots: keptSlots.length,
  };
}

type DeclaredSenders = Pick<ClusterSpec, "members" | "replicas" | "logicalSlots" | "keptSlots">;

/**
 * WAL senders, and replication slots, that a cluster needs: four for the members and their backups, or one a member
 * and one to spare when that is more; and one for each that follows besides.
 */
export function neededSenders(wanted: SendersWanted): number {
  const { members, replicas = 0, standbyClusters = 0, logicalSlots = 0, keptSlots = 0 } = wanted;
  return Math.max(4, members + 1) + replicas + standbyClusters + logicalSlots + keptSlots;
}

/** What max_wal_senders and max_replication_slots are when the user says nothing. */
export function defaultSenders(wanted: SendersWanted): number {
  return Math.max(roomToGrow, neededSenders(wanted));
}

/**
 * What is wrong with max_wal_senders and max_replication_slots as they are written. One that is not written is large
 * enough: see `defaultSenders`.
 */
export function sendersSuffice(
  wanted: SendersWanted,
  parameters: Readonly<Record<string, ParameterValue>>,
): readonly SpecIssue[] {
  const needed = neededSenders(wanted);
  return sized.flatMap((name) => {
    const value = parameters[name];
    const number = numberOf(name, value);
    if (number === undefined || number >= needed) return [];
    return [
      {
        path: `postgresql.parameters.${name}`,
        value,
        message: `${needed} are needed: ${sumOf(wanted)}`,
        remedy: `Set it to ${needed} or more, or remove it: then it is ${defaultSenders(wanted)}.`,
      },
    ];
  });
}

/** How the number comes about: `max(4, members + 1), with 3 members, + 5 read replicas + 12 logical slots`. */
function sumOf(wanted: SendersWanted): string {
  const { members, replicas = 0, standbyClusters = 0, logicalSlots = 0, keptSlots = 0 } = wanted;
  const besides = [
    counted(replicas, "read replica"),
    counted(standbyClusters, "standby cluster"),
    counted(logicalSlots, "logical slot"),
    counted(keptSlots, "kept slot"),
  ].filter((text) => text !== undefined);
  const own = `max(4, members + 1), with ${counted(members, "member")}`;
  return besides.length === 0 ? own : `${own}, + ${besides.join(" + ")}`;
}

function counted(count: number, what: string): string | undefined {
  if (count === 0) return undefined;
  return count === 1 ? `1 ${what}` : `${count} ${what}s`;
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

const mostBackends = 262143;

/** How many processes PostgreSQL may have for sessions, senders and workers at once. */
export function backendsOf(spec: DeclaredSenders & Pick<ClusterSpec, "postgresql">): number {
  const { parameters, version } = spec.postgresql;
  return countedBackends(version).reduce((sum, name) => {
    const standard = findParameter(name, version)?.default;
    const usual = name === "max_wal_senders" ? defaultSenders(sendersWantedBy(spec)) : standard;
    return sum + (numberOf(name, parameters[name] ?? usual) ?? 0);
  }, 1);
}

function countedBackends(version: number): readonly string[] {
  const vacuum = version >= 18 ? "autovacuum_worker_slots" : "autovacuum_max_workers";
  return ["max_connections", "max_wal_senders", "max_worker_processes", vacuum];
}

/** PostgreSQL counts all of its processes together, and does not start with more than it can number. */
function backendsFit(spec: ClusterSpec): readonly SpecIssue[] {
  const { parameters, version } = spec.postgresql;
  const counted = countedBackends(version);
  const total = backendsOf(spec);
  const [name] = counted.filter((candidate) => parameters[candidate] !== undefined);
  if (total <= mostBackends || name === undefined) return [];
  return [
    {
      path: `postgresql.parameters.${name}`,
      value: parameters[name],
      message: `${counted.join(", ")} make ${total} processes together; PostgreSQL has room for ${mostBackends}`,
      remedy: `Lower them, to ${mostBackends - 1} together at most.`,
    },
  ];
}

/** A limit of memory, and the setting that it comes from. */
interface Memory {
  readonly setting: string;
  readonly memory: string;
}

type MemoryCheck = (
  limit: Memory,
  parameters: ClusterSpec["postgresql"]["parameters"],
) => readonly SpecIssue[];

/** The members' memory and, where it suffices, that of each read replica: parameters are the same for all of them. */
function eachMemory(check: MemoryCheck): Rule["check"] {
  return ({ resources, replicas, postgresql: { parameters } }) => {
    const limits: readonly Memory[] = [
      { setting: "resources.memory", memory: resources.memory },
      ...replicas.map(({ memory }, index) => ({ setting: `replicas[${index}].memory`, memory })),
    ];
    return limits.map((limit) => check(limit, parameters)).find((issues) => issues.length > 0) ?? [];
  };
}

/** Half is already more than PostgreSQL's manual recommends; above it the kernel's cache starves. */
function buffersFitMemory(
  ...[{ setting, memory }, parameters]: Parameters<MemoryCheck>
): readonly SpecIssue[] {
  const value = parameters["shared_buffers"];
  const buffers = numberOf("shared_buffers", value);
  const limit = numberOf("shared_buffers", memory);
  if (buffers === undefined || limit === undefined || buffers <= limit / 2) return [];
  return [
    {
      path: "postgresql.parameters.shared_buffers",
      value,
      message: `is more than half of ${setting}, which is ${memory}`,
      remedy: `Set it to a quarter of the memory, or remove it: then it is that. Or raise ${setting}.`,
    },
  ];
}

/**
 * A session may use work_mem several times at once, so this is the least that PostgreSQL's manual warns of: one sort
 * in every session. A member that takes more than its limit is killed by the kernel, and starts with a recovery.
 * Nothing is said of who asks for no more than PostgreSQL's defaults do.
 * @see https://www.postgresql.org/docs/17/runtime-config-resource.html#GUC-WORK-MEM
 */
function sessionsFitMemory(
  ...[{ setting, memory }, parameters]: Parameters<MemoryCheck>
): readonly SpecIssue[] {
  const name = ["work_mem", "max_connections"].find((key) => parameters[key] !== undefined);
  const limit = kilobytes(memory);
  const buffers = kilobytes(parameters["shared_buffers"] ?? `${(limit ?? 0) / 4}kB`);
  const each = numberOf("work_mem", parameters["work_mem"] ?? "4MB");
  const sessions = numberOf("max_connections", parameters["max_connections"] ?? 100);
  if (name === undefined || limit === undefined || buffers === undefined) return [];
  if (each === undefined || sessions === undefined || sessions * each <= usualWorkKilobytes) return [];
  if (buffers + sessions * each <= limit) return [];
  return [
    {
      path: `postgresql.parameters.${name}`,
      value: parameters[name],
      message: `${sessions} sessions that each sort once, and shared_buffers, need more than ${setting}, which is ${memory}`,
      remedy: sessionsRemedy(limit - buffers, sessions, each, setting),
    },
  ];
}

/** @param free kB that shared_buffers leaves of the memory; at least half, or another rule has spoken. */
function sessionsRemedy(free: number, sessions: number, each: number, setting: string): string {
  const most = Math.floor(free / sessions);
  return most < 1024
    ? `Set max_connections to ${Math.floor(free / each)} or less and pool the sessions, or raise ${setting}.`
    : `Set work_mem to ${Math.floor(most / 1024)}MB or less, and more where it is needed with ALTER ROLE … SET, or raise ${setting}.`;
}

/** A quantity of shared_buffers, or of memory, in kB. */
function kilobytes(value: ParameterValue): number | undefined {
  const blocks = numberOf("shared_buffers", value);
  return blocks === undefined ? undefined : blocks * 8;
}

/** A parameter's value as a number; undefined when it is absent, or wrong in itself and told of elsewhere. */
function numberOf(name: string, value: ParameterValue | undefined): number | undefined {
  const parameter = findParameter(name);
  return parameter === undefined || value === undefined ? undefined : numericValue(parameter, value);
}
