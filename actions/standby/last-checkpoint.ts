import { ActionError } from "../action-error.ts";
import type { ServerHandle } from "./received.ts";

/**
 * Where the last record is that a server has written before it ended in good order.
 *
 * @throws ActionError `failed` when it did not: it might still write, or have written what nobody has seen.
 */
export async function lastCheckpoint({ execOn, signal }: ServerHandle, member: string): Promise<string> {
  const run = { user: "postgres", timeoutMs: 20_000, signal };
  const { exitCode, output } = await execOn(member)(member, ["sh", "-c", script, "last-checkpoint"], run);
  const state = /^Database cluster state:\s*(.+)$/m.exec(output)?.[1]?.trim();
  const position = /^Latest checkpoint location:\s*([0-9A-F]+\/[0-9A-F]+)$/m.exec(output)?.[1];
  if (exitCode === 0 && state === "shut down" && position !== undefined) return position;
  throw new ActionError(
    "failed",
    `${member}: its server is not shut down in good order (${state ?? "unknown"})`,
  );
}

const script = `
bin=/usr/lib/postgresql/$(cat "$PGDATA/PG_VERSION")/bin
LC_ALL=C exec "$bin/pg_controldata" -D "$PGDATA"
`;
