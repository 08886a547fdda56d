import { isDeepStrictEqual } from "node:util";
import { asProperties, type Properties } from "../wire.ts";

/** What new files do to a part, in a sentence that names them and shows nothing of them. */
export async function explainIdentity(olds: Properties, news: Properties): Promise<readonly string[]> {
  const [before, now] = [asProperties(olds["files"]), asProperties(news["files"])];
  const changed = Object.keys(now).filter((name) => !isDeepStrictEqual(before[name], now[name]));
  if (changed.length === 0) return [];
  return [`${news["part"]} takes a new ${changed.join(", ")} without a restart, and nothing is replaced`];
}
