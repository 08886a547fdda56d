import { applyMergePatch } from "../../cluster/settings/merge-patch.ts";
import { ActionError } from "../action-error.ts";
import type { Document } from "../patroni/patroni-client.ts";
import type { SettingsChange, SettingsTools } from "../settings/settings-state.ts";
import { followedBy } from "./followed.ts";

/**
 * What `/config` is to hold. Whether a cluster follows another one is no state: it changes by `spiloctl promote` and
 * `spiloctl follow`, in an hour in which nobody writes specifications. So an update changes where it is followed, as long as it
 * is; it never has a cluster lead that follows, as two would lead then, and never has one follow that leads, as it would give
 * up what it has.
 *
 * @param actual `/config` as it is.
 * @throws ActionError `refused` when the specification has been changed and the cluster has not; nothing was changed.
 */
export function settingsWhileFollowing(
  { wanted, follows }: SettingsChange,
  actual: Document,
  { report }: Pick<SettingsTools, "report">,
): Document {
  const followed = followedBy(actual);
  if (follows?.now === undefined) {
    if (followed === undefined) return wanted;
    throw new ActionError(
      "refused",
      `standbyOf: is not declared, and the cluster follows ${followed.inWords}: an update never has it lead. ` +
        "Run `spiloctl promote`, or declare standbyOf again",
    );
  }
  if (followed !== undefined) return applyMergePatch(wanted, follows.now);
  if (follows.before === undefined) {
    throw new ActionError(
      "refused",
      "standbyOf: is declared, and the cluster leads by itself: an update never gives up what it has. " +
        "Run `spiloctl follow`, or remove standbyOf",
    );
  }
  report("the cluster was promoted and leads by itself: remove standbyOf");
  return wanted;
}
