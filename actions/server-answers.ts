import { connect } from "node:net";
import { ActionError } from "./action-error.ts";
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

/** PostgreSQL's question whether the connection may be encrypted: the first thing said, before any name or password. */
const sslRequest = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

/**
 * Waits until a PostgreSQL server answers at an address, whatever stands between. Asks without a password, so nothing
 * of it is in the server's log.
 *
 * @throws ActionError `deadline` with the last reason.
 */
export async function serverAnswers(options: ServerAnswersOptions): Promise<void> {
  const { what, host, port, deadlineMs, clock, signal } = options;
  const limits = { ...(clock === undefined ? {} : { clock }), ...(signal === undefined ? {} : { signal }) };
  const remedy = `docker logs ${what} says more; no other proxy is touched before it serves`;
  await waitFor(
    { what: `${what} leads to a server`, deadlineMs, everyMs: 250, remedy, ...limits },
    async () => {
      const answer = await firstByte(host, port);
      return answer === "S" || answer === "N" ? { found: true } : { pending: `it answers ${answer}` };
    },
  );
}

/** @throws ActionError `unreachable` when nobody takes the connection, or it is closed without an answer. */
function firstByte(host: string, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (reason: string) => {
      socket.destroy();
      reject(new ActionError("unreachable", `${host}:${port}: ${reason}`));
    };
    const socket = connect({ host, port, timeout: ATTEMPT_MS }, () => socket.write(sslRequest));
    socket.once("data", (data) => {
      socket.destroy();
      resolve(data.toString("latin1").slice(0, 1));
    });
    socket.once("timeout", () => fail(`no answer within ${ATTEMPT_MS / 1000} s`));
    socket.once("error", (error) => fail(error.message));
    socket.once("close", () => fail("closed without an answer"));
  });
}
