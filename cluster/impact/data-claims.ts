import { isDeepStrictEqual } from "node:util";
import type { Change, Declared } from "./change.ts";
import type { Claim, Fate } from "./claims.ts";
import { type PlannedPart, partsOf } from "./parts.ts";

/** What becomes of the data: of the database, of its backups, and of what protects both. */
export function dataClaims(change: Change): readonly Claim[] {
  const { before, after } = change;
  if (before === undefined) return [];
  const kept = partsOf(before.plan).filter((part) => keepsData(part, change));
  return [
    ...(kept.length === 0 ? [] : [{ kind: "kept", names: kept.map(({ plan }) => plan.name) } as const]),
    ...(after === undefined ? lostAtTheEnd(before) : lostMeanwhile(change, before)),
    ...(after === undefined || change.isGuessed ? [] : promises(before, after)),
  ];
}

/** Of members and the S3 server: a voter's comes from the others, and a read replica's from the leader. */
function keepsData({ kind, plan, volume }: PlannedPart, { parts }: Change): boolean {
  if (volume === undefined || (kind !== "member" && kind !== "s3")) return false;
  return !parts.removed[kind].includes(plan.name) && !parts.volumesLost.includes(volume);
}

/** What becomes of the data of parts of that kind that are removed. */
export function fateOf(kind: PlannedPart["kind"], names: readonly string[], change: Change): Fate {
  // A voter's data is the other voters' as well.
  if (kind === "voter" || kind === "proxy") return "none";
  const removed = partsOf(change.before?.plan).filter(
    (part) => part.kind === kind && names.includes(part.plan.name),
  );
  if (removed.every((part) => isInLostZone(part, change))) return "left";
  return removed.every((part) => staysAtTheEnd(part, change)) ? "kept" : "removed";
}

function isInLostZone({ plan: { zone } }: PlannedPart, { after }: Change): boolean {
  return after?.plan.zones.some(({ name, available }) => name === zone && !available) ?? false;
}

/** A volume that is declared to stay does, wherever its container goes. */
function staysAtTheEnd({ volume, retained }: PlannedPart, { parts }: Change): boolean {
  return retained && volume !== undefined && !parts.volumesLost.includes(volume);
}

/** The end of a cluster. One that follows another has nothing of its own. */
function lostAtTheEnd({ spec, plan }: Declared): readonly Claim[] {
  if (spec.finalBackup || plan.standby !== undefined) return [];
  const why = plan.archive.own
    ? "the cluster is removed with its volumes and its backups, and finalBackup is off"
    : `the cluster is removed with its volumes, and finalBackup is off: only what is archived by then is left in the bucket ${plan.archive.bucket}`;
  const remedy = "Set finalBackup: true, run `pulumi up`, and remove the cluster then.";
  return [{ kind: "lost", what: "database", why, remedy }];
}

function lostMeanwhile(change: Change, before: Declared): readonly Claim[] {
  const { members, archive } = before.plan;
  const { removed, volumesLost } = change.parts;
  const gone = members.filter(
    ({ name, volume, retained }) =>
      volumesLost.includes(volume) || (removed.member.includes(name) && !retained),
  );
  const isOutOfReach = members.every(({ zone }) =>
    change.after?.plan.zones.some(({ name, available }) => name === zone && !available),
  );
  const database: Claim = {
    kind: "lost",
    what: "database",
    why: `the volume of ${gone.map(({ name }) => name).join(", ")} is made anew or removed, and no other member has the data`,
    remedy: "Make a base backup first (`spiloctl backup now`), and look why the volume is another.",
  };
  const { server } = archive;
  const backups: Claim = {
    kind: "lost",
    what: "backups",
    why: `the volume of ${server?.name} is made anew or removed, with all base backups and WAL on it`,
    remedy: "Declare backup.second and wait for a copy first, or leave the S3 server where it is.",
  };
  return [
    ...(gone.length === members.length && !isOutOfReach ? [database] : []),
    ...(server !== undefined && volumesLost.includes(server.volume) ? [backups] : []),
  ];
}

/** What the cluster promises before and after. */
function promises(before: Declared, after: Declared): readonly Claim[] {
  const [was, is] = [before.spec, after.spec];
  const days = { from: was.backup.retainDays, to: is.backup.retainDays };
  return [
    ...(days.from === days.to ? [] : [{ kind: "retention", ...days } as const]),
    ...(was.deletionProtection === is.deletionProtection
      ? []
      : [{ kind: "protection", on: is.deletionProtection } as const]),
    { kind: "survives", before: before.plan.survives, after: after.plan.survives },
    ...loginClaims(before, after),
  ];
}

function loginClaims({ plan: before }: Declared, { plan: after }: Declared): readonly Claim[] {
  const { current, closed } = after.logins;
  const authority =
    before.tls.generation === after.tls.generation
      ? []
      : [{ kind: "authority", generation: after.tls.generation } as const];
  if (isDeepStrictEqual(before.logins, after.logins)) return authority;
  const newlyClosed = closed.filter((name) => !before.logins.closed.includes(name));
  return [{ kind: "logins", application: current.application, closed: newlyClosed }, ...authority];
}
