import type { ClusterSpec } from "../schema/cluster-spec.ts";
import { readSpec } from "../schema/spec.ts";
import type { SpecIssue } from "../schema/spec-error.ts";
import { volumeGrows } from "../upkeep/volume.ts";
import { placeOnAwsStays } from "./aws-change-rules.ts";
import { mustStay } from "./must-stay.ts";
import {
  authorityGrowsByOne,
  generationsGrowByOne,
  generationsStayWhileFollowing,
} from "./rotation-change-rules.ts";

/**
 * What is wrong with a change of a cluster's specification, each with the way to get there all the same; empty when
 * the change may be carried out. Nothing is said of what a change costs: see `describeParameterChange`.
 *
 * @param old the specification that the cluster was last made from, as `parseSpec` completes it or as written. What
 *   is no longer allowed in it is passed over: there has to be a way from it to what is.
 * @param now the one that it is to have. What is wrong with it by itself is all that is told, when anything is.
 */
export function checkChange(old: unknown, now: unknown): readonly SpecIssue[] {
  const [before, after] = [readSpec(old).spec, readSpec(now)];
  if (after.spec === undefined || after.issues.length > 0) return after.issues;
  if (before === undefined) return [];
  const asked = after.spec;
  // By another name all follows that a name decides: one sentence says it.
  if (before.name !== asked.name) return nameStays(before, asked);
  return changeRules.flatMap((rule) => rule(before, asked));
}

type ChangeRule = (before: ClusterSpec, after: ClusterSpec) => readonly SpecIssue[];

/** What may not change, in the order in which it is told. */
const changeRules: readonly ChangeRule[] = [
  platformStays,
  placeOnAwsStays,
  versionStays,
  networkStays,
  votersStay,
  modeStays,
  zonesStay,
  portsStay,
  archiveStays,
  archiveZoneStays,
  bucketStays,
  authorityStays,
  authorityGrowsByOne,
  applicationStays,
  volumeGrows,
  generationsGrowByOne,
  walStaysLogicalForSlots,
  generationsStayWhileFollowing,
];

function nameStays(before: ClusterSpec, after: ClusterSpec): readonly SpecIssue[] {
  return [
    {
      path: "name",
      value: after.name,
      message: `must stay ${before.name}: its containers, volumes, keys and backups are named by it`,
      remedy: `Set it back to ${before.name}. Declare a cluster ${after.name} beside it, and bring the data there with pg_dump.`,
    },
  ];
}

function platformStays(before: ClusterSpec, after: ClusterSpec): readonly SpecIssue[] {
  return mustStay(
    "platform",
    before.platform,
    after.platform,
    "a cluster cannot leave the platform that its data is on",
    "Declare a second cluster there, and bring the data with pg_dump.",
  );
}

function versionStays(
  { postgresql: { version: older } }: ClusterSpec,
  { postgresql: { version: newer } }: ClusterSpec,
): readonly SpecIssue[] {
  const why =
    newer < older
      ? `PostgreSQL ${newer} cannot read what ${older} has written`
      : `the data was written by PostgreSQL ${older}, and upgrading it in place is not yet available`;
  const way = `Declare a second cluster with ${newer}, and bring the data with pg_dump or logical replication.`;
  return mustStay("postgresql.version", older, newer, why, way);
}

function networkStays(
  { network: older }: ClusterSpec,
  { network: newer }: ClusterSpec,
): readonly SpecIssue[] {
  return mustStay(
    "network.subnet",
    older.subnet,
    newer.subnet,
    "every part has its address in it, and the network cannot be replaced under them",
    "Declare a second cluster with the other subnet, and bring the data with pg_dump.",
  );
}

/** The list of voters in etcd's configuration counts at the first start only. */
function votersStay({ etcd: older }: ClusterSpec, { etcd: newer }: ClusterSpec): readonly SpecIssue[] {
  return mustStay(
    "etcd.voters",
    older.voters,
    newer.voters,
    "a voter has to be admitted by the others before it starts, which is not yet available",
    "Declare a second cluster with as many voters, and bring the data with pg_dump.",
  );
}

/** Over several zones parts use their hosts' networks: no part could stay as it is. */
function modeStays(
  { placement: { mode: older } }: ClusterSpec,
  { placement: { mode: newer } }: ClusterSpec,
): readonly SpecIssue[] {
  return mustStay(
    "placement.mode",
    older,
    newer,
    "parts over several zones use the networks of their hosts, and parts in one zone a network of their own",
    older === "cross-zone"
      ? "Set placement.fallbackToSameZone to stand in one zone for a while."
      : "Declare a second cluster with the other mode, and bring the data with pg_dump.",
  );
}

/**
 * Volumes lie on a zone's engine; the zone's name is part of what the parts are known by. Over several zones one that
 * cannot be had may be given up: it is declared so first, and then put elsewhere. One that can be had may be taken out: what
 * stands there goes when others have taken its place.
 */
function zonesStay(
  { placement: older }: ClusterSpec,
  { placement: newer }: ClusterSpec,
): readonly SpecIssue[] {
  const zonal = newer.mode === "zonal";
  return newer.zones.flatMap((zone, index) => {
    const held = zonal ? older.zones[index] : older.zones.find(({ name }) => name === zone.name);
    if (held === undefined || !(held.available && (zonal || zone.available))) return [];
    const path = `placement.zones[${index}]`;
    const away = "Declare a second cluster there, and bring the data with pg_dump.";
    const way = zonal ? away : "Or set available: false for it, run `pulumi up`, and move it then.";
    const address = older.mode === "zonal" ? zone.address : held.address;
    return [
      ...mustStay(`${path}.name`, held.name, zone.name, "what stands in the zone is known by it", way),
      ...mustStay(`${path}.host`, held.host, zone.host, "the members' volumes are on that engine", way),
      ...mustStay(`${path}.address`, address ?? "", zone.address ?? "", "its parts are known by it", way),
    ];
  });
}

function portsStay(
  { network: older }: ClusterSpec,
  { network: newer, placement }: ClusterSpec,
): readonly SpecIssue[] {
  if (placement.mode === "zonal") return [];
  return mustStay(
    "network.firstPort",
    older.firstPort,
    newer.firstPort,
    "every part is known by its ports",
    "Declare a second cluster with other ports, and bring the data with pg_dump.",
  );
}

/** Between the stack's own S3 server and another one: what is archived does not move along. */
function archiveStays({ backup: older }: ClusterSpec, { backup: newer }: ClusterSpec): readonly SpecIssue[] {
  if ((older.endpoint === undefined) === (newer.endpoint === undefined)) return [];
  const [where, back] =
    older.endpoint === undefined
      ? ["the stack's own S3 server", "Remove it"]
      : [older.endpoint, `Set it back to ${older.endpoint}`];
  return [
    {
      path: "backup.endpoint",
      ...(newer.endpoint === undefined ? {} : { value: newer.endpoint }),
      message: `must stay: backups and WAL are on ${where}, and would be left behind`,
      remedy: `${back}. Declare a second cluster with the other archive, and bring the data with pg_dump.`,
    },
  ];
}

/** The stack's own S3 server stands in the first zone that holds data. One that cannot be had may be given up with it. */
function archiveZoneStays(before: ClusterSpec, after: ClusterSpec): readonly SpecIssue[] {
  if (before.platform === "aws") return [];
  if ([before, after].some(({ placement, backup }) => placement.mode === "zonal" || backup.endpoint))
    return [];
  const [older, newer] = [before, after].map(({ placement }) =>
    placement.zones.find((zone) => !zone.witness),
  );
  if (older === undefined || !older.available || older.name === newer?.name) return [];
  const message = `must begin with zone ${older.name}: backups and WAL are on the S3 server there, and would be left behind`;
  const remedy =
    "Put it back into the first place. Or set available: false for it, run `pulumi up`, and take it out then: " +
    "what is archived there is given up.";
  return [{ path: "placement.zones", message, remedy }];
}

function bucketStays({ backup: older }: ClusterSpec, { backup: newer }: ClusterSpec): readonly SpecIssue[] {
  return mustStay(
    "backup.bucket",
    older.bucket,
    newer.bucket,
    "backups and WAL are in it, and a restore needs both from one bucket",
    "Declare a second cluster with the other bucket, and bring the data with pg_dump.",
  );
}

function authorityStays({ tls: older }: ClusterSpec, { tls: newer }: ClusterSpec): readonly SpecIssue[] {
  return mustStay(
    "tls.ca",
    older.ca,
    newer.ca,
    "whether the authority is the cluster's own or given is decided when the cluster is made",
    older.ca === "generated"
      ? "Raise rotation.authority by one for another authority of the cluster's own."
      : "Give another authority for another one.",
  );
}

/** The roles and the database are made once, and hold what the application has put there. */
function applicationStays(
  { application: older }: ClusterSpec,
  { application: newer }: ClusterSpec,
): readonly SpecIssue[] {
  const databaseWay = "Make a database of another name by CREATE DATABASE, and bring the data with pg_dump.";
  const roleWay = "Make a role of another name by CREATE ROLE, as a member of spilo_clients.";
  return [
    ...mustStay(
      "application.database",
      older.database,
      newer.database,
      "the application's data is in it",
      databaseWay,
    ),
    ...mustStay("application.role", older.role, newer.role, "it owns the application's data", roleWay),
  ];
}

/** They are dropped when nobody reads them, which may be after the restart; and no server starts that has one left. */
function walStaysLogicalForSlots(
  { logicalSlots: older }: ClusterSpec,
  { postgresql: { parameters } }: ClusterSpec,
): readonly SpecIssue[] {
  const level = parameters["wal_level"];
  if (older.length === 0 || String(level).toLowerCase() === "logical") return [];
  const names = older.map(({ name }) => name).join(", ");
  return [
    {
      path: "postgresql.parameters.wal_level",
      value: level ?? "replica",
      message: `must stay logical while there are logical slots (${names}): no server that has one starts with less`,
      remedy:
        "Leave it logical, take the slots out and run `pulumi up`; change it when `spiloctl status` shows none of them.",
    },
  ];
}
