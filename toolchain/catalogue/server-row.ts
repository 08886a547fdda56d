import { z } from "zod";

const row = z.object({
  name: z.string(),
  type: z.enum(["bool", "integer", "real", "enum", "string"]),
  unit: z.string().nullable(),
  context: z.enum(["internal", "postmaster", "sighup", "superuser", "superuser-backend", "backend", "user"]),
  min: z.string().nullable(),
  max: z.string().nullable(),
  values: z.array(z.string()).nullable(),
  default: z.string().nullable(),
  category: z.string(),
});

/** A parameter as a running server describes it. */
export type ServerRow = z.infer<typeof row>;

/** What a server said of itself. */
export interface ServerAnswer {
  /** Such as `17.11`. */
  readonly version: string;
  readonly rows: readonly ServerRow[];
}

/**
 * A bash script that starts a server of its own, prints what it says of its parameters, and leaves nothing. It runs
 * as root; its one argument is the folder of PostgreSQL's programs. pg_stat_statements is loaded as members do.
 */
export const serverScript = `
  set -e
  bin=$1; work=$(mktemp -d); chown postgres "$work"
  trap 'rm -rf "$work"' EXIT
  as_postgres() { su postgres -c "$1" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }; }
  as_postgres "$bin/initdb -D $work/data --no-sync"
  as_postgres "$bin/pg_ctl -D $work/data -l $work/server -w start \\
    -o '-k $work -c listen_addresses= -c shared_preload_libraries=pg_stat_statements'"
  su postgres -c "$bin/psql -h $work -XAtq postgres" <<'END'
    select json_build_object(
      'version', split_part(current_setting('server_version'), ' ', 1),
      'rows', json_agg(json_build_object(
        'name', name, 'type', vartype, 'unit', unit, 'context', context, 'min', min_val, 'max', max_val,
        'values', enumvals, 'default', boot_val, 'category', category)))
    from pg_settings
END
  as_postgres "$bin/pg_ctl -D $work/data -m fast -w stop"
`;

/** Reads what the script has printed. @throws when the server did not start, with what it said. */
export function readAnswer(printed: string): ServerAnswer {
  if (!printed.trimStart().startsWith("{")) throw new Error(`the server did not answer: ${printed}`);
  return z.object({ version: z.string(), rows: z.array(row) }).parse(JSON.parse(printed));
}
