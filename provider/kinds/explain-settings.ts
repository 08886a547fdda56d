import { areSameSettings } from "../../actions/settings/settings-patch.ts";
import { describeChange } from "../../cluster/settings/settings-change.ts";
import { settingsDocument } from "../../cluster/settings/settings-document.ts";
import type { Properties } from "../wire.ts";

/** What a change of the settings will do, in sentences; nothing when the settings stay as they are. */
export async function explainSettings(olds: Properties, news: Properties): Promise<readonly string[]> {
  if (areSameSettings(olds["settings"], news["settings"])) return [];
  const from = settingsDocument.safeParse(olds["settings"]);
  const to = settingsDocument.safeParse(news["settings"]);
  if (from.success && to.success) return describeChange(from.data, to.data).sentences;
  return [
    "somebody changed Patroni's settings in a way that this stack does not: they are put back as declared",
  ];
}
