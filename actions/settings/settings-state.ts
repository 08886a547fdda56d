import { sharedMemoryFive } from "../../cluster/parameters/parameters.ts";
import type { ParameterValue } from "../../cluster/plan-types.ts";
import { ActionError } from "../action-error.ts";
import {
  type Answered,
  describeMembers,
  findCluster,
  isAlive,
  isDelayed,
  leaderOf,
  type MemberAddress,
  serverOf,
} from "../patroni/find-cluster.ts";
import type { ClusterMember, Document, PatroniClient } from "../patroni/patroni-client.ts";
import type { Clock } from "../wait.ts";
import { systemClock } from "../wait.ts";
import { type InForce, isInForce, type ReadInForce } from "./in-force.ts";
import type { ReadLogicalSlots } from "./logical-slots.ts";

/** What a change of dynamic settings works with; tests hand in a Patroni of their own. */
export interface SettingsTools {
  readonly patroni: PatroniClient;
  readonly readInForce: ReadInForce;
  readonly readLogicalSlots: ReadLogicalSlots;
  /** A line for the person who waits. */
  readonly report: (line: string) => void;
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
  /** For members to take a change, to come back after a restart, to replay. @default 120000 */
  readonly stepDeadlineMs?: number;
  /** For one restart of PostgreSQL, shutdown checkpoint included. @default 330000 */
  readonly restartDeadlineMs?: number;
}

export interface SettingsChange {
  /** All members that may answer, as planned; some may not exist yet. */
  readonly members: readonly MemberAddress[];
  /** Those that are known to exist, so that one that is absent is missed. */
  readonly existing: readonly string[];
  readonly wanted: Document;
  /** What the last run declared. */
  readonly before: Document;
  /** What is declared beside it for as long as the cluster follows another one. @default it leads by itself */
  readonly follows?: { readonly before: Document | undefined; readonly now: Document | undefined };
}

/** A change that can be carried out now: nothing has been touched yet. */
export interface PreparedChange {
  readonly change: SettingsChange;
  readonly patch: Document;
  /** Every parameter that is declared, or was; lower case, as PostgreSQL compares them. */
  readonly names: readonly string[];
  /** Value by name, lower case; what is in `names` and not here was taken out. */
  readonly wanted: Readonly<Record<string, ParameterValue>>;
  readonly answered: Answered;
}

/** A living member and what its PostgreSQL works with. */
export interface MemberInForce {
  readonly member: ClusterMember;
  readonly rows: readonly InForce[];
}

/** Reads the parameters of the change on every living member. */
export async function readAll(
  prepared: PreparedChange,
  tools: SettingsTools,
): Promise<readonly MemberInForce[]> {
  const { members } = prepared.change;
  const { view } = await findCluster(
    tools.patroni,
    members.map(({ restUrl }) => restUrl),
  );
  if (leaderOf(view) === undefined) {
    throw new ActionError("no-leader", `no member leads: ${describeMembers(view)}`);
  }
  const readOne = async (member: ClusterMember): Promise<MemberInForce> => {
    const rows =
      prepared.names.length === 0 ? [] : tools.readInForce(serverOf(member, members), prepared.names);
    return { member, rows: await rows };
  };
  return Promise.all(view.members.filter(isAlive).map(readOne));
}

/** The declared value of a row; undefined when it was taken out. */
function wantedFor(row: InForce, wanted: PreparedChange["wanted"]): ParameterValue | undefined {
  return wanted[row.name.toLowerCase()];
}

/** The parameters of one member that take a restart: of the wrong value, or taken out of its file. */
export function pendingOn({ rows }: MemberInForce, wanted: PreparedChange["wanted"]): readonly InForce[] {
  return rows.filter((row) => {
    if (row.context !== "postmaster") return false;
    const value = wantedFor(row, wanted);
    return value === undefined ? row.pendingRestart : !isInForce(row, value);
  });
}

/**
 * A delayed replica replays what the leader has lowered only after its delay, and can have no less before: that it keeps,
 * until it is restarted some time later.
 */
function isKept(member: ClusterMember, row: InForce, wanted: PreparedChange["wanted"]): boolean {
  return isDelayed(member) && isLowered(row, wanted);
}

/** What of a member has to be as declared. */
export function withoutKept(one: MemberInForce, wanted: PreparedChange["wanted"]): MemberInForce {
  return { ...one, rows: one.rows.filter((row) => !isKept(one.member, row, wanted)) };
}

/** Of a parameter that a standby may not have less of than the leader: a smaller value is declared. */
export function isLowered(row: InForce, wanted: PreparedChange["wanted"]): boolean {
  return (
    sharedMemoryFive.some((name) => name === row.name) && Number(wantedFor(row, wanted)) < Number(row.setting)
  );
}

/** `dev-2: work_mem is 4096kB, not 8MB`, one a difference. */
export function differencesOn({ member, rows }: MemberInForce, wanted: PreparedChange["wanted"]): string[] {
  return rows.flatMap((row) => {
    const value = wantedFor(row, wanted);
    if (value === undefined || isInForce(row, value)) return [];
    return [`${member.name}: ${row.name} is ${row.setting}${row.unit ?? ""}, not ${value}`];
  });
}

/** How long one step of a change is waited for. */
export function stepLimits({ clock, signal, stepDeadlineMs }: SettingsTools) {
  return {
    deadlineMs: stepDeadlineMs ?? 120_000,
    clock: clock ?? systemClock,
    signal,
  };
}
