import type { ClusterSpec } from "../schema/cluster-spec.ts";
import type { SpecIssue } from "../schema/spec-error.ts";
import { mustStay } from "./must-stay.ts";

/** What a generation has signed is trusted until the next one has signed it anew. */
export function authorityGrowsByOne(before: ClusterSpec, after: ClusterSpec): readonly SpecIssue[] {
  const path = "rotation.authority";
  const [older, newer] = [before.rotation.authority, after.rotation.authority];
  if (older === newer) return [];
  if (after.tls.ca === "given") {
    const message = `must stay ${older}: the authority is given, and another one is given in its place`;
    const remedy = `Set it back to ${older}, and set spilo:caCertificate and spilo:caPrivateKey to another authority.`;
    return [{ path, value: newer, message, remedy }];
  }
  if (newer === older + 1) return [];
  const message =
    newer < older
      ? `must be ${older} or ${older + 1}: nobody trusts the authority of generation ${newer} any more`
      : `must be ${older} or ${older + 1}: every part has to come to trust one authority after the other`;
  return [{ path, value: newer, message, remedy: nextOne(older, newer, "a new one") }];
}

/** Two generations are good at a time, so one that is skipped, or comes back, would cut off who still has another. */
export function generationsGrowByOne(
  { rotation: older }: ClusterSpec,
  { rotation: newer }: ClusterSpec,
): readonly SpecIssue[] {
  return (["passwords", "application"] as const).flatMap((key) =>
    growsByOne(`rotation.${key}`, older[key], newer[key]),
  );
}

/** Roles come from the cluster that is followed: another password could be written nowhere. */
export function generationsStayWhileFollowing(
  { rotation: older, standbyOf: before }: ClusterSpec,
  { rotation: newer, standbyOf: after }: ClusterSpec,
): readonly SpecIssue[] {
  if (before === undefined || after === undefined) return [];
  return (["passwords", "application"] as const).flatMap((key) =>
    mustStay(
      `rotation.${key}`,
      older[key],
      newer[key],
      `logins are those of ${after.cluster} as long as that is followed`,
      "Rotate them when this cluster is promoted and standbyOf is taken out.",
    ),
  );
}

function growsByOne(path: string, older: number, newer: number): readonly SpecIssue[] {
  if (newer === older || newer === older + 1) return [];
  const message =
    newer < older
      ? `must be ${older} or ${older + 1}: what generation ${newer} logged in with is gone`
      : `must be ${older} or ${older + 1}: generations follow one another`;
  return [{ path, value: newer, message, remedy: nextOne(older, newer, "new ones") }];
}

/** @param wanted what the next generation is. */
function nextOne(older: number, newer: number, wanted: string): string {
  return newer < older
    ? `Set it back to ${older}, or to ${older + 1} for ${wanted}.`
    : `Set it to ${older + 1} and run \`pulumi up\`; raise it again when that is done.`;
}
