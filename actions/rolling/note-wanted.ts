import { reasonOf } from "../action-error.ts";
import type { OperatingHandle } from "../handle.ts";
import { standingOf, wantedPatch } from "../patroni/cluster-standing.ts";
import type { Narrator } from "../verbs/verb.ts";

/**
 * Has the cluster know which members there are to be, so that `status` can tell one that is coming from one that is
 * going while the update is under way. It never fails an update.
 */
export async function noteWanted(
  { patroni, members }: Pick<OperatingHandle, "patroni" | "members">,
  names: readonly string[],
  narrator: Narrator,
): Promise<void> {
  try {
    const { restUrl } = await standingOf(patroni, members);
    await patroni.patchConfig(restUrl, wantedPatch(names));
  } catch (error) {
    narrator.note(
      `\`spiloctl status\` may take who comes for who goes until this has ended: ${reasonOf(error)}`,
    );
  }
}
