import { type Answered, isAlive, isLeader } from "../patroni/find-cluster.ts";
import type { Document, PatroniClient } from "../patroni/patroni-client.ts";
import { asDocument, settingsAsTheyStand } from "./settings-patch.ts";

/**
 * The declared settings as they really are: from `/config`, and where a restart is still due, the value that is in
 * force. The same object again when nothing differs.
 *
 * @throws ActionError when the member that answered does not answer any more.
 */
export async function standingSettings(
  patroni: PatroniClient,
  { view, restUrl }: Answered,
  declared: Document,
): Promise<Document> {
  const actual = await patroni.config(restUrl);
  const inForce: Record<string, string> = {};
  // The leader's word comes last, so that it counts.
  const members = view.members.filter(isAlive).sort((a, b) => Number(isLeader(a)) - Number(isLeader(b)));
  for (const { pending_restart_reason: reasons = {} } of members) {
    for (const [name, { old_value }] of Object.entries(reasons)) inForce[name] = old_value;
  }
  return settingsAsTheyStand(withInForce(actual, declared, inForce), declared);
}

function withInForce(
  actual: Document,
  declared: Document,
  inForce: Readonly<Record<string, string>>,
): Document {
  const names = asDocument(asDocument(declared["postgresql"])["parameters"]);
  const postgresql = asDocument(actual["postgresql"]);
  const known = Object.entries(inForce).filter(([name]) => name in names);
  if (known.length === 0) return actual;
  const parameters = { ...asDocument(postgresql["parameters"]), ...Object.fromEntries(known) };
  return { ...actual, postgresql: { ...postgresql, parameters } };
}
