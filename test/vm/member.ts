import type pg from "pg";
import { patroniClient } from "../../actions/patroni/patroni-client.ts";
import { waitFor } from "../../actions/wait.ts";
import type { PlannedCluster, PlannedMachine } from "./planned.ts";

/** Where clients reach a member's database, and by what they know it. */
export function memberPlace({ access }: PlannedCluster, { address }: PlannedMachine): pg.ClientConfig {
  return { host: address, port: 5432, ssl: { ca: access.ca }, connectionTimeoutMillis: 30_000 };
}

/** For what the provider does with members: less is enough where a processor is no program. Inputs of its resources. */
export const slowly = { deadlineSeconds: 600 };

function restUrlOf({ address }: PlannedMachine): string {
  return `https://${address}:8008`;
}

/**
 * Waits until one of these members leads, by what it says of itself, and the others are with it.
 *
 * @returns who leads
 */
export async function untilLeads(
  { access }: PlannedCluster,
  members: readonly PlannedMachine[],
  deadlineMs: number,
): Promise<PlannedMachine> {
  const patroni = patroniClient({ access, timeoutMs: 20_000 });
  const what = `one of ${members.map(({ part }) => part).join(", ")} leads, and the others follow`;
  return await waitFor({ what, deadlineMs, everyMs: 2000 }, async () => {
    const said: string[] = [];
    for (const member of members) {
      const view = await patroni.cluster(restUrlOf(member)).catch((error) => String(error));
      if (typeof view === "string") {
        said.push(view);
        continue;
      }
      said.push(view.members.map(({ name, role, state }) => `${name}: ${role}, ${state}`).join("; "));
      const states = members.map(({ part }) => view.members.find(({ name }) => name === part));
      const leader = states.findIndex((one) => one?.role === "leader" && one.state === "running");
      const follow = states.every((one, index) => index === leader || one?.state === "streaming");
      const found = members[leader];
      if (found !== undefined && follow) return { found };
    }
    return { pending: said.join(" | ") };
  });
}
