import { ActionError, reasonOf } from "../action-error.ts";
import type { Narrator } from "../verbs/verb.ts";
import type { RoleTools } from "./role-tools.ts";

/** So long after a failover, the standby that takes the lost one's place may not be there yet. Minutes. */
const RECENT_MINUTES = 20;

/** Tells when the leader has changed a short while ago: a second failover may find nobody who is ready. */
export async function warnWhenRecent(tools: RoleTools, narrator: Narrator, now: Date): Promise<void> {
  try {
    const last = (await tools.history()).at(-1);
    if (last?.at === undefined) return;
    const minutes = (now.getTime() - Date.parse(last.at)) / 60_000;
    if (!(minutes < RECENT_MINUTES)) return;
    const since = `${Math.max(0, Math.floor(minutes))} min ago`;
    narrator.warn(
      `${last.leader ?? "the leader"} has led since ${since}: within ${RECENT_MINUTES} minutes of a change, a standby may not be in its place yet`,
    );
  } catch (error) {
    if (!(error instanceof ActionError)) throw error;
    narrator.warn(`when the leader changed last is not known: ${reasonOf(error)}`);
  }
}
