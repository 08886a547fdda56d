import type { Duplex } from "node:stream";
import { ActionError, reasonOf } from "../action-error.ts";
import { connectTo, type Place } from "../way/connect-to.ts";

/** PostgreSQL's question whether the connection may be encrypted: the first thing said, before any name or password. */
const sslRequest = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

/**
 * Works on a connection of its own, and closes it.
 *
 * @param timeoutMs how long all of it may take.
 * @throws ActionError `unreachable` when nobody takes the connection, it ends before the work does, or the work fails.
 */
export async function onConnection<T>(
  place: Place,
  timeoutMs: number,
  work: (socket: Duplex) => Promise<T>,
): Promise<T> {
  const socket = await connectTo(place);
  try {
    return await Promise.race([work(socket), endOf(socket, timeoutMs)]);
  } catch (error) {
    throw new ActionError("unreachable", `${place.host}:${place.port}: ${reasonOf(error)}`, { cause: error });
  } finally {
    socket.destroy();
  }
}

/** What a PostgreSQL server says when it is asked for TLS: `S` for yes, `N` for no. */
export function askToEncrypt(socket: Duplex): Promise<string> {
  return new Promise((resolve) => {
    socket.once("connect", () => socket.write(sslRequest));
    socket.once("data", (answer) => resolve(answer.toString("latin1").slice(0, 1)));
  });
}

function endOf(socket: Duplex, timeoutMs: number): Promise<never> {
  return new Promise((_resolve, reject) => {
    const late = () => reject(new Error(`no answer within ${timeoutMs / 1000} s`));
    AbortSignal.timeout(timeoutMs).addEventListener("abort", late, { once: true });
    socket.on("error", reject);
    socket.once("close", () => reject(new Error("closed without an answer")));
  });
}
