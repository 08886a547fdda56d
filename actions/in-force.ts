import type { ParameterValue } from "../cluster/plan-types.ts";
import { parseQuantity, type Unit } from "../cluster/quantity.ts";
import { ActionError, reasonOf } from "./action-error.ts";

/** A row of pg_settings: what a running server works with, whatever its files say. */
export interface InForce {
  readonly name: string;
  readonly setting: string;
  /** Such as `8kB`, `MB`, `ms`; null when there is none. */
  readonly unit: string | null;
  readonly vartype: string;
  /** `postmaster`: takes a restart. */
  readonly context: string;
  /** `database`, `user`: this session's own, so it says nothing of the server. */
  readonly source: string;
  /** The file that set it has changed, or was emptied of it, and a restart is due. */
  readonly pendingRestart: boolean;
  /** The configuration file that it comes from, null when from none. */
  readonly sourceFile: string | null;
}

interface ServerAddress {
  readonly host: string;
  readonly port: number;
}

/** Reads the named settings on one member. */
export type ReadInForce = (server: ServerAddress, names: readonly string[]) => Promise<readonly InForce[]>;

/**
 * Reads over the network as superuser. The connection is encrypted; the certificate is the one that the image made
 * for itself, so it proves nothing and is not checked.
 */
export function inForceReader(password: string): ReadInForce {
  return async (server, names) => {
    const { default: pg } = await import("pg");
    const client = new pg.Client({
      host: server.host,
      port: server.port,
      user: "postgres",
      password,
      database: "postgres",
      ssl: { rejectUnauthorized: false },
      connectionTimeoutMillis: 5000,
      query_timeout: 5000,
      application_name: "spilo-settings",
    });
    // A connection that breaks makes the query fail as well; without a listener the event would end the process.
    client.on("error", () => undefined);
    try {
      await client.connect();
      const answer = await client.query<InForce>(query, [names.map((name) => name.toLowerCase())]);
      return answer.rows;
    } catch (error) {
      const message = `pg_settings of ${server.host}:${server.port}: ${reasonOf(error)}`;
      throw new ActionError("unreachable", message, { cause: error });
    } finally {
      await client.end();
    }
  };
}

const query = `select name, setting, unit, vartype, context, source, pending_restart as "pendingRestart",
  sourcefile as "sourceFile" from pg_catalog.pg_settings where pg_catalog.lower(name) = any($1)`;

/**
 * Is the wanted value the one in force? Both are brought to the server's own unit first, as PostgreSQL does.
 */
export function isInForce(row: InForce, wanted: ParameterValue): boolean {
  if (row.source === "user" || row.source === "database" || row.source === "database user") return true;
  if (resolvedByServer.has(row.name) && ["-1", "0"].includes(String(wanted))) return true;
  switch (row.vartype) {
    case "bool":
      return truth(row.setting) === truth(String(wanted));
    case "integer":
    case "real": {
      const amount = inUnitOf(row, wanted);
      return amount !== undefined && Math.abs(amount - Number(row.setting)) <= 1e-9 * Math.abs(amount);
    }
    default:
      return plainText(row.setting) === shownAs(row.name, plainText(String(wanted)));
  }
}

/** For those that PostgreSQL works out itself, pg_settings shows the outcome instead of the -1 or 0 of the file. */
const resolvedByServer: ReadonlySet<string> = new Set([
  "wal_buffers",
  "commit_timestamp_buffers",
  "subtransaction_buffers",
  "transaction_buffers",
  "autovacuum_worker_slots",
  "io_max_concurrency",
]);

/** Words that PostgreSQL takes and shows as another one of the same meaning. */
const shownOtherwise: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  wal_compression: { on: "pglz" },
  wal_level: { archive: "replica", hot_standby: "replica" },
  client_min_messages: { debug: "debug2" },
  log_min_messages: { debug: "debug2" },
  log_min_error_statement: { debug: "debug2" },
};

function shownAs(name: string, word: string): string {
  return shownOtherwise[name]?.[word] ?? word;
}

function truth(text: string): boolean | undefined {
  const value = text.trim().toLowerCase();
  if (["on", "true", "yes", "1"].includes(value)) return true;
  if (["off", "false", "no", "0"].includes(value)) return false;
  return undefined;
}

/** Enum and string values: `true` and `false` are how `on` and `off` look after a trip through YAML. */
function plainText(text: string): string {
  const value = text
    .trim()
    .toLowerCase()
    .replaceAll(/\s*,\s*/g, ",");
  return value === "true" ? "on" : value === "false" ? "off" : value;
}

/** `1GB` for a setting counted in `8kB` is 131072. Undefined: not a number, or a unit of another kind. */
function inUnitOf(row: InForce, wanted: ParameterValue): number | undefined {
  const unit = units.find((known) => known === row.unit);
  const amount = unit === undefined ? Number(wanted) : parseQuantity(String(wanted), unit);
  if (amount === undefined || Number.isNaN(amount)) return undefined;
  return row.vartype === "integer" ? Math.round(amount) : amount;
}

const units: readonly Unit[] = ["B", "kB", "8kB", "MB", "ms", "s", "min"];
