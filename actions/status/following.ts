import { spanInWords } from "../../cluster/running/span-words.ts";
import type { Followed } from "../standby/followed.ts";
import type { StatusFacts } from "./report.ts";
import type { ServerFacts } from "./server-facts.ts";

/** What a cluster follows, for the report. */
export function followsReport(
  followed: Followed | null | undefined,
  facts: ServerFacts | undefined,
): StatusFacts["follows"] {
  return followed == null ? null : { ...followed, source: facts?.source ?? null };
}

/** A quiet source is heard every ten seconds. */
const silentSeconds = 60;

/** One that follows another cluster is to hear from it. */
export function followingDegradations({
  follows,
  leader,
}: Pick<StatusFacts, "follows" | "leader">): readonly string[] {
  if (follows === null || follows.source === null || follows.host === null || leader === null) return [];
  const { streams, heardSeconds } = follows.source;
  if (!streams) return [`nothing is received from ${follows.inWords}: what is written there is not here`];
  if ((heardSeconds ?? 0) <= silentSeconds) return [];
  return [`${follows.inWords} was heard last ${spanInWords(heardSeconds ?? 0)} ago`];
}
