import { operatingHandle } from "../handle.ts";
import type { ClusterReach } from "../reach.ts";
import type { Narrator } from "../verbs/verb.ts";
import { bySwitchover } from "./hand-over-to-one-of.ts";
import { takeTurn } from "./take-turn.ts";

/**
 * Gets a member ready to be taken away that an update has made before it was killed: by now it may lead.
 *
 * @throws what `takeTurn` throws.
 */
export async function leaveUnknown(reach: ClusterReach, member: string, narrator: Narrator): Promise<void> {
  const handle = operatingHandle(reach);
  await takeTurn({ member, handle, handOver: bySwitchover(handle, narrator), renewed: new Set(), narrator });
}
