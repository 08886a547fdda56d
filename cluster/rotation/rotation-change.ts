import type { ClusterSpec } from "../schema/cluster-spec.ts";
import { planLogins } from "./logins.ts";

/** What a change of a specification's generations does, for people: none when nothing is rotated, or closed. */
export function describeRotation(before: ClusterSpec, after: ClusterSpec): readonly string[] {
  const [older, newer] = [before.rotation, after.rotation];
  const [were, are] = [planLogins(before), planLogins(after)];
  const passwords =
    older.passwords === newer.passwords
      ? []
      : [
          `rotation.passwords ${older.passwords} → ${newer.passwords}: new passwords for the cluster's own logins; every member is replaced once, one after the other`,
        ];
  const application =
    older.application === newer.application
      ? []
      : [
          `rotation.application ${older.application} → ${newer.application}: the application logs in as ${are.current.application}`,
        ];
  const closed = are.closed.filter((name) => !were.closed.includes(name));
  const refused = closed.length === 0 ? [] : [`${closed.join(", ")}: closed at the end, with their sessions`];
  return [...passwords, ...application, ...refused];
}
