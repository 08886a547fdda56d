import { once } from "node:events";
import { ActionError, reasonOf } from "../action-error.ts";
import { onConnection } from "../sql/connection.ts";
import { wayIsOpen } from "./open-way.ts";

/** Machines that run, and by what they are reached. */
export interface MachinesToReach {
  /** `cluster/placement/way.ts`; undefined: directly. */
  readonly way?: string | undefined;
  readonly addresses: readonly string[];
}

/** How long a machine may take to answer. */
const ANSWER_MS = 5_000;

/**
 * Makes sure that somebody is there at the other end: any of these machines says what an sshd says first.
 *
 * @throws ActionError `unreachable` with what was tried.
 */
export async function insistOnReach({ way, addresses }: MachinesToReach): Promise<void> {
  await wayIsOpen({ way });
  try {
    await Promise.any(addresses.map((host) => greets(host, way)));
  } catch (error) {
    const reasons = error instanceof AggregateError ? error.errors.map(reasonOf) : [reasonOf(error)];
    throw new ActionError("unreachable", `none of them answers: ${reasons.join("; ")}`);
  }
}

async function greets(host: string, way: string | undefined): Promise<void> {
  await onConnection({ host, port: 22, way }, ANSWER_MS, async (socket) => {
    const [said] = await once(socket, "data");
    if (!String(said).startsWith("SSH-")) throw new Error("no sshd answers");
  });
}
