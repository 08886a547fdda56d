import type { HaState } from "../../cluster/running/ha-state.ts";
import { longestPause } from "../../cluster/upkeep/backup-schedule.ts";
import { windowOf } from "../archive/recoverable-window.ts";
import { readSecond, type SecondReport } from "../archive/second.ts";
import { type BackupReport, readBackups } from "../archive/stored-backups.ts";
import type { ClusterHandle } from "../handle.ts";
import { type DeclaredSlots, declaredSlotsIn } from "../patroni/declared-slots.ts";
import { leaderOf, synchronousCount } from "../patroni/find-cluster.ts";
import type { ClusterView } from "../patroni/patroni-client.ts";
import { ASK_MS, type Asked, ask, known } from "./ask.ts";
import { type CertificateReport, observeCertificates } from "./certificates.ts";
import { degradationsOf } from "./degraded.ts";
import { followsReport } from "./following.ts";
import { type HolderReport, observeHolders } from "./holder.ts";
import { leaderServer, type MembersSeen, memberReports, observeMembers, synchronousIn } from "./members.ts";
import { positionOf, replicaReports } from "./replicas.ts";
import type { ScheduledReport, StatusFacts, StatusReport, UnknownReport, VolumeReport } from "./report.ts";
import { readServerFacts, type ServerFacts } from "./server-facts.ts";
import { observeTwice } from "./settle.ts";
import { observeVolumes, type VolumeUse } from "./volumes.ts";
import { observeVoters, type VoterReport } from "./voters.ts";
import { placementReport, zoneNotes } from "./zones.ts";

/** Where the facts come from; a test hands in its own. */
export interface StatusSources {
  readonly serverFacts: typeof readServerFacts;
  readonly declaredSlots: (handle: ClusterHandle, restUrl: string) => Promise<DeclaredSlots>;
  readonly voters: typeof observeVoters;
  readonly holders: typeof observeHolders;
  readonly backups: typeof readBackups;
  readonly second: typeof readSecond;
  readonly certificates: typeof observeCertificates;
  readonly volumes: typeof observeVolumes;
}

const realSources: StatusSources = {
  serverFacts: readServerFacts,
  declaredSlots: readDeclaredSlots,
  voters: observeVoters,
  holders: observeHolders,
  backups: readBackups,
  second: readSecond,
  certificates: observeCertificates,
  volumes: observeVolumes,
};

export interface ObserveOptions {
  /** The state that was told last. */
  readonly lastKnown?: HaState | undefined;
  /** How long each source may take, milliseconds. @default 5000 */
  readonly askMs?: number | undefined;
  /** @default the cluster itself */
  readonly sources?: Partial<StatusSources> | undefined;
  /** @default the machine's */
  readonly now?: () => Date;
}

/**
 * Asks everybody at once, and the leader's PostgreSQL as soon as it is known who that is. What one of them does not say
 * is unknown, and the rest is told all the same.
 */
export async function observeStatus(
  handle: ClusterHandle,
  options: ObserveOptions = {},
): Promise<StatusReport> {
  const { askMs = ASK_MS, lastKnown, now = () => new Date() } = options;
  const sources = { ...realSources, ...options.sources };
  const settling = observeTwice({ lastKnown, clock: handle.clock, signal: handle.signal }, () =>
    observeMembers(handle, askMs),
  );
  const [live, etcd, holders, backups, second, certificates, volumes] = await Promise.all([
    settling.then(async (members) => {
      const view = known(members.view);
      const server = askServer(handle, view, sources.serverFacts, askMs);
      const declared = askDeclaredSlots(handle, view, sources.declaredSlots, askMs);
      return Promise.all([members, server, declared] as const);
    }),
    sources.voters(handle, askMs),
    sources.holders(handle, askMs),
    ask(() => sources.backups(handle), askMs),
    ask(() => sources.second(handle, now()), askMs),
    // Each of its questions has the deadline; together they take a moment more.
    ask(() => sources.certificates(handle, now()), askMs + 500),
    sources.volumes(handle, askMs),
  ]);
  const [seen, server, declaredSlots] = live;
  const others = { declaredSlots, etcd, holders, backups, second, certificates, volumes };
  const facts = factsOf(handle, now(), { seen, server, ...others });
  return { ...facts, notes: zoneNotes(facts), degraded: degradationsOf(facts) };
}

interface Found {
  readonly seen: MembersSeen;
  readonly server: Asked<ServerFacts>;
  readonly declaredSlots: DeclaredSlots | undefined;
  readonly etcd: readonly VoterReport[];
  readonly holders: readonly HolderReport[];
  readonly backups: Asked<readonly BackupReport[]>;
  readonly second: Asked<SecondReport | null>;
  readonly certificates: Asked<readonly CertificateReport[]>;
  readonly volumes: readonly VolumeUse[];
}

async function readDeclaredSlots({ patroni }: ClusterHandle, restUrl: string): Promise<DeclaredSlots> {
  return declaredSlotsIn(await patroni.config(restUrl));
}

/** Of the leader, as who reads its slots does. */
async function askDeclaredSlots(
  handle: ClusterHandle,
  view: ClusterView | undefined,
  read: StatusSources["declaredSlots"],
  askMs: number,
): Promise<DeclaredSlots | undefined> {
  const leader = view === undefined ? undefined : leaderOf(view)?.name;
  const restUrl = handle.members.find(({ name }) => name === leader)?.restUrl;
  return restUrl === undefined ? undefined : known(await ask(() => read(handle, restUrl), askMs));
}

async function askServer(
  handle: ClusterHandle,
  view: ClusterView | undefined,
  read: typeof readServerFacts,
  askMs: number,
): Promise<Asked<ServerFacts>> {
  const server = leaderServer(handle, view);
  if (server === undefined) return { unknown: view === undefined ? "no member answers" : "no member leads" };
  return ask(() => read(handle, server), askMs);
}

function factsOf(handle: ClusterHandle, now: Date, found: Found): StatusFacts {
  const { seen, server, etcd, holders, backups, certificates } = found;
  const view = known(seen.view);
  const leader = view === undefined ? undefined : leaderOf(view);
  const facts = known(server);
  const standbys = facts?.standbys ?? [];
  const lags = new Map(
    standbys.map(({ name, lagBytes, lagSeconds }) => [name, { bytes: lagBytes, seconds: lagSeconds }]),
  );
  return {
    cluster: handle.name,
    observedAt: now.toISOString(),
    haState: seen.haState ?? null,
    leader: leader?.name ?? null,
    timeline: leader?.timeline ?? null,
    paused: view === undefined ? null : (view.pause ?? false),
    stopped: known(seen.stopped) ?? null,
    scheduled: view === undefined ? [] : scheduledIn(view),
    recovery: handle.recovery.objective,
    follows: followsReport(known(seen.followed), facts),
    synchronous: {
      asked: synchronousIn(handle, known(seen.followed)),
      now: view === undefined ? null : synchronousCount(view),
    },
    placement: placementReport(handle, leader?.name),
    members: memberReports(handle, seen, lags),
    replicas: replicaReports(handle, view, seen.replicas, positionOf(view, seen.own)),
    slots: facts?.slots ?? null,
    declaredSlots: found.declaredSlots ?? null,
    etcd,
    endpoint: {
      address: handle.endpoint.address,
      hosts: handle.endpoint.hosts ?? null,
      holders: holdersIn(holders),
    },
    archive: facts?.archiver ?? null,
    backups: backupsReport(handle, known(backups), facts?.archiver.upTo ?? null),
    second: known(found.second) ?? null,
    certificates: known(certificates) ?? null,
    volumes: volumeReports(handle, found.volumes),
    unknown: unknownIn(found),
  };
}

/** What Patroni does by itself at some time. */
export function scheduledIn(view: ClusterView): readonly ScheduledReport[] {
  const { scheduled_switchover: switchover, members } = view;
  const to = switchover?.to === undefined ? "" : ` to ${switchover.to}`;
  const restarts = members.flatMap(({ name, scheduled_restart: restart }) =>
    restart === undefined ? [] : [{ what: `restart of ${name}`, at: restart.schedule ?? null }],
  );
  return [...(switchover === undefined ? [] : [{ what: `switchover${to}`, at: switchover.at }]), ...restarts];
}

/** Null when one of those that did not say may be it. */
function holdersIn(reports: readonly HolderReport[]): readonly string[] | null {
  const holders = reports.flatMap(({ proxy, holds }) => (known(holds) === true ? [proxy] : []));
  const unsaid = reports.some(({ holds }) => "unknown" in holds);
  return holders.length === 0 && unsaid ? null : holders;
}

function volumeReports(
  { volumeMib = 0 }: ClusterHandle,
  volumes: readonly VolumeUse[],
): readonly VolumeReport[] {
  return volumes.map(({ member, usedBytes }) => {
    return { member, declaredBytes: volumeMib * 1024 ** 2, usedBytes: known(usedBytes) ?? null };
  });
}

function backupsReport(
  { archive: { schedule } }: ClusterHandle,
  backups: readonly BackupReport[] | undefined,
  archivedUpTo: string | null,
): StatusReport["backups"] {
  if (backups === undefined) return null;
  const window = windowOf(backups, archivedUpTo);
  const everyMinutes = schedule === undefined ? null : (longestPause(schedule) ?? null);
  return { count: backups.length, last: backups.at(-1) ?? null, window, everyMinutes };
}

function unknownIn({
  seen,
  server,
  holders,
  backups,
  second,
  certificates,
  volumes,
}: Found): readonly UnknownReport[] {
  const unsaid = (what: string, asked: Asked<unknown>) =>
    "unknown" in asked ? [{ what, reason: asked.unknown }] : [];
  return [
    ...unsaid("members", seen.view),
    ...unsaid("slots and archiving", server),
    ...holders.flatMap(({ proxy, holds }) => unsaid(`whether ${proxy} holds the address`, holds)),
    ...unsaid("base backups", backups),
    ...unsaid("the second bucket", second),
    ...unsaid("certificates", certificates),
    ...volumes.flatMap(({ member, usedBytes }) => unsaid(`how full the volume of ${member} is`, usedBytes)),
  ];
}
