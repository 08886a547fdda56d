import { leftBehind } from "../../cluster/running/unarchived.ts";
import { ActionError, unlessPassing } from "../action-error.ts";
import { type Narrator, Refusal } from "../verbs/verb.ts";
import { waitFor } from "../wait.ts";
import type { RoleTools } from "./role-tools.ts";

/**
 * What becomes of WAL that waits for the archive.
 *
 * - `refuse`: it is waited for, and then the leadership stays where it is.
 * - `warn`: it is waited for, and then left behind.
 * - `leave`: it is left behind at once.
 */
export type Unarchived = "refuse" | "warn" | "leave";

/** In which an archiver that is only slow has caught up. */
const WAIT_MS = 30_000;

/**
 * Waits until nothing on the leader would be lost for the archive if somebody else led.
 *
 * @throws Refusal when it fails to be archived; nothing was changed.
 */
export async function archiveFirst(
  tools: RoleTools,
  leader: string,
  unarchived: Unarchived,
  narrator: Narrator,
): Promise<void> {
  const left = await stillLeft(tools, leader, unarchived === "leave" ? 0 : WAIT_MS);
  if (left === undefined) return;
  if (unarchived === "refuse") {
    throw new Refusal(
      [left],
      "See to the S3 server, and wait until `spiloctl status` shows none waiting; or add --force, and " +
        "run `spiloctl backup now` afterwards: what comes after that can be restored.",
    );
  }
  narrator.warn(
    `${left}. When archiving works again, run \`spiloctl backup now\`: what comes after it can be restored`,
  );
}

/** A leader that does not say how it archives is no reason to keep it. */
async function stillLeft(
  { archiver, clock, signal }: RoleTools,
  leader: string,
  deadlineMs: number,
): Promise<string | undefined> {
  const look = async () => {
    const archiving = await archiver(leader).catch(unlessPassing(undefined));
    return archiving && leftBehind(leader, archiving);
  };
  let left = await look();
  if (left === undefined || deadlineMs === 0) return left;
  try {
    await waitFor({ what: "its WAL is archived", deadlineMs, everyMs: 500, clock, signal }, async () => {
      left = await look();
      return left === undefined ? { found: true } : { pending: left };
    });
  } catch (error) {
    if (!(error instanceof ActionError) || error.code !== "deadline") throw error;
  }
  return left;
}
