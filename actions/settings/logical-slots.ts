import { ActionError } from "../action-error.ts";
import { isAlive, leaderOf, serverOf } from "../patroni/find-cluster.ts";
import { withSql } from "../sql/sql-client.ts";
import type { InForceLogin } from "./in-force.ts";
import { asDocument } from "./settings-patch.ts";
import type { PreparedChange, SettingsTools } from "./settings-state.ts";

/** The names of the logical slots on one member, whoever made them. */
export type ReadLogicalSlots = (server: {
  readonly host: string;
  readonly port: number;
}) => Promise<readonly string[]>;

/** Reads over the network as the operator. @throws ActionError as `connectSql` does. */
export function logicalSlotsReader({ access, user, password }: InForceLogin): ReadLogicalSlots {
  return async ({ host, port }) =>
    withSql({ host, port, user, password, database: "postgres", access }, "spilo-slots", async (client) => {
      const query = "select slot_name from pg_replication_slots where slot_type = 'logical' order by 1";
      return (await client.query<{ slot_name: string }>(query)).rows.map(({ slot_name: name }) => name);
    });
}

/**
 * A server that has a logical slot does not start with less WAL than that needs: where `wal_level` is lowered, no member
 * may have one.
 *
 * @throws ActionError `refused` when one has. Nothing has been changed then.
 */
export async function refuseLessWalThanSlotsNeed(
  { patch, wanted, change, answered: { view } }: PreparedChange,
  tools: SettingsTools,
): Promise<void> {
  const level = wanted["wal_level"];
  const isPatched = "wal_level" in asDocument(asDocument(patch["postgresql"])["parameters"]);
  if (!isPatched || level === "logical" || leaderOf(view) === undefined) return;
  const found = await Promise.all(
    view.members.filter(isAlive).map(async (member) => {
      const names = await tools.readLogicalSlots(serverOf(member, change.members));
      return names.length === 0 ? [] : [`${names.join(", ")} on ${member.name}`];
    }),
  );
  if (found.flat().length === 0) return;
  throw new ActionError(
    "refused",
    `wal_level ${level}: no server starts with it that has a logical slot, and there are ${found.flat().join("; ")}. ` +
      "Nothing was changed. Leave wal_level logical until they are gone: those of logicalSlots go when they are taken " +
      "out and nobody reads them any more, others by `select pg_drop_replication_slot(…)` on the member that has them",
  );
}
