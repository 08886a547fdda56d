import { connect, type Socket } from "node:net";
import { ActionError, reasonOf } from "../action-error.ts";

/** Where somebody is reached. */
export interface Place {
  readonly host: string;
  readonly port: number;
}

/** PostgreSQL's question whether the connection may be encrypted: the first thing said, before any name or password. */
const sslRequest = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

/**
 * Works on a connection of its own, and closes it.
 *
 * @param timeoutMs how long all of it may take.
 * @throws ActionError `unreachable` when nobody takes the connection, it ends before the work does, or the work fails.
 */
export async function onConnection<T>(
  { host, port }: Place,
  timeoutMs: number,
  work: (socket: Socket) => Promise<T>,
): Promise<T> {
  const socket = connect({ host, port });
  try {
    return await Promise.race([work(socket), endOf(socket, timeoutMs)]);
  } catch (error) {
    throw new ActionError("unreachable", `${host}:${port}: ${reasonOf(error)}`, { cause: error });
  } finally {
    socket.destroy();
  }
}

/** What a PostgreSQL server says when it is asked for TLS: `S` for yes, `N` for no. */
export function askToEncrypt(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    socket.once("connect", () => socket.write(sslRequest));
    socket.once("data", (answer) => resolve(answer.toString("latin1").slice(0, 1)));
  });
}

function endOf(socket: Socket, timeoutMs: number): Promise<never> {
  return new Promise((_resolve, reject) => {
    const late = () => reject(new Error(`no answer within ${timeoutMs / 1000} s`));
    AbortSignal.timeout(timeoutMs).addEventListener("abort", late, { once: true });
    socket.on("error", reject);
    socket.once("close", () => reject(new Error("closed without an answer")));
  });
}
