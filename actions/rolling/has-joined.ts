import { whyNotInService } from "../../cluster/running/rolling.ts";
import { wakeLeader } from "../patroni/wake-leader.ts";
import { observeRoles } from "../switchover/observe-roles.ts";
import { waitFor } from "../wait.ts";
import type { RollingHandle } from "./hand-over-to-one-of.ts";

export interface JoinOptions {
  readonly member: string;
  readonly handle: RollingHandle;
  readonly deadlineMs: number;
}

/**
 * Waits until a member leads, or streams from whoever leads, on the same timeline and not lagging.
 *
 * @throws ActionError `deadline` with what it lacks.
 */
export async function hasJoined({ member, handle, deadlineMs }: JoinOptions): Promise<void> {
  const { patroni, members, clock, signal } = handle;
  const remedy = `docker logs ${member} says more; no other member is touched before it has joined`;
  // Commits that still wait for the one that was there before have waited long enough.
  await wakeLeader(patroni, members);
  await waitFor(
    { what: `${member} has joined the cluster`, deadlineMs, everyMs: 250, remedy, clock, signal },
    async () => {
      const pending = whyNotInService(await observeRoles(handle), member);
      return pending === undefined ? { found: true } : { pending };
    },
  );
}
