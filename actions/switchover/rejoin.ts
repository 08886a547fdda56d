/** How a former leader came to follow the new one. */
type Rejoined =
  /** Its data was what the new leader has, up to where it stopped. */
  | "as it was"
  /** It had written what the new leader has not: that was taken back. */
  | "pg_rewind"
  /** All of its data was made anew. */
  | "fresh copy";

/** What the log of a member says of its way back. */
export interface RejoinFacts {
  readonly how: Rejoined;
  /** Where its own WAL ended: `0/35290B60`; absent when the log does not say so. */
  readonly endedAt?: string;
}

/**
 * Reads it from what Patroni logs: it is nowhere to be asked for. A copy comes after a rewind that failed, so it counts
 * more.
 */
export function rejoinFacts(log: string): RejoinFacts {
  const [, endedAt] = /Local timeline=\d+ lsn=([0-9A-F]+\/[0-9A-F]+)/.exec(log) ?? [];
  return { how: rejoinedHow(log), ...(endedAt === undefined ? {} : { endedAt }) };
}

function rejoinedHow(log: string): Rejoined {
  if (/replica has been created using|bootstrapped from /.test(log)) return "fresh copy";
  return /running pg_rewind from/.test(log) ? "pg_rewind" : "as it was";
}

/** `pg_rewind not needed`. */
export function describeRejoin({ how }: RejoinFacts): string {
  switch (how) {
    case "as it was":
      return "pg_rewind not needed";
    case "pg_rewind":
      return "by pg_rewind";
    case "fresh copy":
      return "by a fresh copy";
  }
}
