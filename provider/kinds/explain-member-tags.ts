import type { Properties } from "../wire.ts";

/** What another tag does to a member. */
export async function explainMemberTags(olds: Properties, news: Properties): Promise<readonly string[]> {
  if (olds["nosync"] === news["nosync"]) return [];
  const what = news["nosync"] === true ? "commits wait for it no more" : "commits may wait for it";
  return [`${news["member"]}: ${what} (Patroni's tag nosync), by a reload; nothing is restarted or replaced`];
}
