import { askToEncrypt, onConnection } from "./sql/connection.ts";
import { type Clock, waitFor } from "./wait.ts";

export interface ServerAnswersOptions {
  /** Who is waited for, as the start of a sentence. */
  readonly what: string;
  readonly host: string;
  readonly port: number;
  readonly deadlineMs: number;
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
}

/** How long one attempt may take. */
const ATTEMPT_MS = 2_000;

/**
 * Waits until a PostgreSQL server answers at an address, whatever stands between, and agrees to encrypt. Asks without a
 * password, so nothing of it is in the server's log.
 *
 * @throws ActionError `deadline` with the last reason.
 */
export async function serverAnswers(options: ServerAnswersOptions): Promise<void> {
  const { what, host, port, deadlineMs, clock, signal } = options;
  const remedy = `docker logs ${what} says more; no other proxy is touched before it serves`;
  await waitFor(
    { what: `${what} leads to a server`, deadlineMs, everyMs: 250, remedy, clock, signal },
    async () => {
      const answer = await onConnection({ host, port }, ATTEMPT_MS, askToEncrypt);
      if (answer === "S") return { found: true };
      return { pending: answer === "N" ? "it does not encrypt" : `it answers ${answer}` };
    },
  );
}
