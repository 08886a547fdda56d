import { spanInWords } from "./span-words.ts";

/** How a leader's archiver gets on. */
export interface Archiving {
  /** WAL files that are finished and not archived yet. */
  readonly waiting: number;
  /** For how long the oldest of them has been; null: none waits. */
  readonly oldestWaitingSeconds: number | null;
  /** Since a file was archived, and since one could not be; null: never. Seconds. */
  readonly lastSeconds: number | null;
  readonly lastFailedSeconds: number | null;
}

/** Whether its last try was in vain. */
export function archivingFails({ lastSeconds, lastFailedSeconds }: Archiving): boolean {
  return lastFailedSeconds !== null && (lastSeconds === null || lastFailedSeconds < lastSeconds);
}

/** For so long a file may wait while others are archived. Seconds. */
const inPassing = 30;

/**
 * What the archive would lack for ever if this leader stopped leading now: standbys take its WAL for archived. One that
 * archives well sends the rest while it shuts down.
 *
 * @returns a sentence without a full stop; undefined: nothing.
 */
export function leftBehind(leader: string, archiving: Archiving): string | undefined {
  const { waiting, oldestWaitingSeconds } = archiving;
  const oldest = oldestWaitingSeconds ?? 0;
  const fails = archivingFails(archiving);
  if (waiting === 0 || (!fails && oldest <= inPassing)) return undefined;
  const files = waiting === 1 ? "a WAL file waits" : `${waiting} WAL files wait`;
  return `${fails ? "archiving fails, and " : ""}${files} on ${leader}, the oldest for ${spanInWords(oldest)}: no other member will ever archive what waits there`;
}
