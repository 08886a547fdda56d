import type { ParameterValue } from "../../cluster/plan-types.ts";
import { parseQuantity, type Unit } from "../../cluster/schema/quantity.ts";
import type { ClusterAccess } from "../access.ts";
import { ActionError, reasonOf } from "../action-error.ts";
import { withSql } from "../sql/sql-client.ts";

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

export interface InForceLogin {
  readonly access: ClusterAccess;
  /** The operator's role that is in use. */
  readonly user: string;
  readonly password: string;
}

/**
 * Reads over the network as the operator, who may see all settings and where they come from.
 *
 * @throws ActionError as `connectSql` does; also when the operator's role is not there yet.
 */
export function inForceReader({ access, user, password }: InForceLogin): ReadInForce {
  return async ({ host, port }, names) => {
    const login = { host, port, user, password, database: "postgres", access };
    try {
      return await withSql(login, "spilo-settings", async (client) => {
        const answer = await client.query<InForce>(query, [names.map((name) => name.toLowerCase())]);
        return answer.rows;
      });
    } catch (error) {
      if (!(error instanceof ActionError)) throw error;
      throw new ActionError(error.code, `pg_settings of ${reasonOf(error)}${remedyFor(error, user)}`);
    }
  };
}

/** A server does not say whether a role is missing or its password is another one. */
function remedyFor({ code }: ActionError, user: string): string {
  if (code !== "failed") return "";
  return (
    `. The role ${user} is made after the members: where that has not happened yet, set the parameters back to what ` +
    "they were, run `pulumi up`, and change them then"
  );
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
