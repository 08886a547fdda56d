import { slotNameOf } from "../../cluster/settings/slot-name.ts";
import { ActionError } from "../action-error.ts";
import type { OperatingHandle } from "../handle.ts";
import { findCluster, leaderOf, serverOf } from "../patroni/find-cluster.ts";
import { withSql } from "../sql/sql-client.ts";
import { waitFor } from "../wait.ts";
import { within } from "../within.ts";

/** How long it may take to find out who leads: when everything goes, nobody answers. */
const ASK_MS = 5_000;
const SLOT_MS = 45_000;

/**
 * Takes a member that is gone for good out of the cluster: its key in the DCS, and its replication slot, which would
 * keep WAL back on every other member. By itself Patroni keeps the slot of a member that went away, for
 * `member_slots_ttl` (half an hour); so that is nothing for a moment.
 *
 * @returns false when nobody is left to ask.
 * @throws ActionError when somebody leads, and the slot does not go.
 */
export async function forgetMember(handle: OperatingHandle, member: string): Promise<boolean> {
  const found = await leaderNow(handle);
  if (found === undefined) return false;
  await handle.etcd.remove(`${handle.dcsPrefix}members/${member}`);
  const { restUrl, leader } = found;
  const { member_slots_ttl: kept } = await handle.patroni.config(restUrl);
  await handle.patroni.patchConfig(restUrl, { member_slots_ttl: 0 });
  try {
    await slotIsGone(handle, leader, slotNameOf(member));
  } finally {
    await handle.patroni.patchConfig(restUrl, { member_slots_ttl: kept ?? null });
  }
  return true;
}

interface Leader {
  readonly restUrl: string;
  readonly leader: { readonly host: string; readonly port: number };
}

async function leaderNow({ patroni, members, clock, signal }: OperatingHandle): Promise<Leader | undefined> {
  const planned = members.map(({ name, restUrl, address: host, postgresPort: port }) => {
    return { name, restUrl, host, port };
  });
  try {
    const urls = members.map(({ restUrl }) => restUrl);
    const limits = { what: "who leads", deadlineMs: ASK_MS, clock, signal };
    const { view, restUrl } = await within(limits, findCluster(patroni, urls));
    const leader = leaderOf(view);
    return leader && { restUrl, leader: serverOf(leader, planned) };
  } catch (error) {
    if (!(error instanceof ActionError)) throw error;
    return undefined;
  }
}

async function slotIsGone(
  { operator, access, clock, signal }: OperatingHandle,
  leader: Leader["leader"],
  slot: string,
): Promise<void> {
  const login = { ...leader, ...operator, access, database: "postgres" };
  const limits = { what: `the replication slot ${slot} is dropped`, deadlineMs: SLOT_MS, everyMs: 500 };
  const remedy = "`spiloctl status` lists the slots, and what each keeps back";
  await waitFor({ ...limits, remedy, clock, signal }, async () => {
    const { rows } = await withSql(login, "spilo-slots", (client) =>
      client.query("select 1 from pg_replication_slots where slot_name = $1", [slot]),
    );
    return rows.length === 0 ? { found: true } : { pending: "it is still there" };
  });
}
