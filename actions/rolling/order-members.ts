import { rollingOrder } from "../../cluster/running/rolling.ts";
import { ActionError, reasonOf } from "../action-error.ts";
import { operatingHandle } from "../handle.ts";
import type { ClusterReach } from "../reach.ts";
import { observeRoles } from "../switchover/observe-roles.ts";
import { systemClock } from "../wait.ts";
import { within } from "../within.ts";

/**
 * How long the members may take to say who leads: longer than a question to one that is gone, or its silence would hide
 * what the others say.
 */
const ASK_MS = 12_000;

/**
 * The order in which members are taken if they are to be replaced: whoever leads comes last. Asked once, before anything
 * is done. When nobody answers there is nobody to spare: the planned order.
 */
export async function orderMembers(reach: ClusterReach): Promise<readonly string[]> {
  const planned = reach.members.map(({ name }) => name);
  if (planned.length < 2) return planned;
  try {
    const limits = { what: "who leads", deadlineMs: ASK_MS, clock: systemClock };
    return rollingOrder(planned, await within(limits, observeRoles(operatingHandle(reach))));
  } catch (error) {
    if (error instanceof ActionError) return planned;
    throw new ActionError("failed", `the order of the members: ${reasonOf(error)}`, { cause: error });
  }
}
