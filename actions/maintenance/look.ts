import type { ClusterHandle } from "../handle.ts";
import { ASK_MS, type Asked, ask, known } from "../status/ask.ts";
import { observeCertificates } from "../status/certificates.ts";
import { memberReports, observeMembers } from "../status/members.ts";
import { scheduledIn } from "../status/observe.ts";
import type { StatusReport, UnknownReport } from "../status/report.ts";

/** As much of a status as maintenance goes by. */
export type MaintenanceLook = Pick<
  StatusReport,
  "haState" | "members" | "certificates" | "scheduled" | "paused" | "unknown"
>;

/** Asks the members and whoever shows a certificate; what they do not say is unknown, and never an exception. */
export async function lookAtCluster(handle: ClusterHandle): Promise<MaintenanceLook> {
  const [seen, certificates] = await Promise.all([
    observeMembers(handle),
    // Each of its questions has the deadline; together they take a moment more.
    ask(() => observeCertificates(handle, new Date()), ASK_MS + 500),
  ]);
  const view = known(seen.view);
  return {
    haState: seen.haState ?? null,
    members: memberReports(handle, seen, new Map()),
    certificates: known(certificates) ?? null,
    scheduled: view === undefined ? [] : scheduledIn(view),
    paused: view === undefined ? null : (view.pause ?? false),
    unknown: [...unsaid("members", seen.view), ...unsaid("certificates", certificates)],
  };
}

/** What a source would have said. */
export function unsaid(what: string, asked: Asked<unknown>): readonly UnknownReport[] {
  return "unknown" in asked ? [{ what, reason: asked.unknown }] : [];
}
