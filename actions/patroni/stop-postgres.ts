import { ActionError } from "../action-error.ts";
import type { ContainerExec } from "../engine/container-exec.ts";

/** Its end: `stopped` now, `idle` when none ran, `absent` when the container itself does not run. */
export type StopOutcome = "stopped" | "idle" | "absent";

export interface StopPostgresOptions {
  readonly exec: ContainerExec;
  readonly member: string;
  /** For the sessions to end and the shutdown checkpoint to be written. */
  readonly deadlineMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Shuts PostgreSQL of one member down in its container, in the fast way: sessions are ended, all is written, and the
 * next start needs no recovery. Patroni has to be paused, or it starts the server again.
 *
 * @throws ActionError `deadline` when the server still runs then, `failed` with its own words.
 */
export async function stopPostgres(options: StopPostgresOptions): Promise<StopOutcome> {
  const { exec, member, deadlineMs, signal } = options;
  const seconds = Math.ceil(deadlineMs / 1000);
  // Longer than the server's own limit, which then says what it waits for.
  const run = { user: "postgres", timeoutMs: deadlineMs + CHECKPOINT_MS + 10_000, signal };
  try {
    const command = ["sh", "-c", script, "stop-postgres", String(seconds), String(CHECKPOINT_MS / 1000)];
    const { exitCode, output, errors } = await exec(member, command, run);
    if (exitCode === 0) return output.includes(idle) ? "idle" : "stopped";
    const said = lastLineOf(errors) || lastLineOf(output) || `it ended with ${exitCode}`;
    const late = /not (shut down|stop)/.test(errors + output);
    throw new ActionError(late ? "deadline" : "failed", `${member}: PostgreSQL did not stop: ${said}`);
  } catch (error) {
    if (error instanceof ActionError && isAbsent(error)) return "absent";
    throw error;
  }
}

/** It does not run, or was removed. */
function isAbsent({ code, message }: ActionError): boolean {
  return code === "unreachable" || /no such container/i.test(message);
}

const CHECKPOINT_MS = 120_000;

const idle = "no server runs";

/**
 * The program belongs to the version of the data, as it does for Patroni. A checkpoint while clients are still served
 * leaves little to write when they no longer are.
 */
const script = `
[ -s "$PGDATA/PG_VERSION" ] || { echo "${idle}"; exit 0; }
bin=/usr/lib/postgresql/$(cat "$PGDATA/PG_VERSION")/bin
"$bin/pg_ctl" status -D "$PGDATA" >/dev/null 2>&1 || { echo "${idle}"; exit 0; }
timeout "$2" "$bin/psql" -X -q -w -d postgres -c checkpoint >/dev/null 2>&1 || true
exec "$bin/pg_ctl" stop -D "$PGDATA" -m fast -w -t "$1"
`;

function lastLineOf(text: string): string {
  return text.trim().split("\n").at(-1)?.trim() ?? "";
}
