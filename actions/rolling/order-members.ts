import { rollingOrder } from "../../cluster/running/rolling.ts";
import { ActionError, reasonOf } from "../action-error.ts";
import { patroniClient } from "../patroni/patroni-client.ts";
import type { ClusterReach } from "../reach.ts";
import { observeRoles } from "../switchover/observe-roles.ts";
import { systemClock } from "../wait.ts";
import { within } from "../within.ts";

/** How long the members may take to say who leads, milliseconds. */
export interface OrderLimits {
  /** One question to one of them. One that is gone is silent for as long as that, more than once. */
  readonly questionMs: number;
  /** All of it: far more, or the silence of some would hide what the others say. */
  readonly totalMs: number;
}

const usual: OrderLimits = { questionMs: 3_000, totalMs: 12_000 };

/**
 * The order in which members are taken if they are to be replaced: whoever leads comes last. Asked once, before anything
 * is done. When nobody answers there is nobody to spare: the planned order.
 */
export async function orderMembers(
  { members, credentials: { access } }: ClusterReach,
  { questionMs, totalMs }: OrderLimits = usual,
): Promise<readonly string[]> {
  const planned = members.map(({ name }) => name);
  if (planned.length < 2) return planned;
  try {
    const limits = { what: "who leads", deadlineMs: totalMs, clock: systemClock };
    const patroni = patroniClient({ access, timeoutMs: questionMs });
    return rollingOrder(planned, await within(limits, observeRoles({ patroni, members })));
  } catch (error) {
    if (error instanceof ActionError) return planned;
    throw new ActionError("failed", `the order of the members: ${reasonOf(error)}`, { cause: error });
  }
}
