import { roles } from "../cluster/render.ts";
import { poolerLogin } from "../cluster/render-pooler.ts";
import { ActionError, reasonOf } from "./action-error.ts";
import { scramVerifier } from "./scram.ts";
import { type Clock, waitFor } from "./wait.ts";

export interface PoolerLoginOptions {
  /** Where whoever leads is reached. */
  readonly host: string;
  readonly port: number;
  readonly superuserPassword: string;
  /** What the pooler logs in with. */
  readonly password: string;
  readonly deadlineMs: number;
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
}

/**
 * Makes the role that looks up other roles' verifiers for a pooler, and the one function it may call; or gives an
 * existing one the password. Doing it twice does no harm.
 *
 * @throws ActionError `deadline` when nobody takes it in that time, `failed` when the server refuses.
 */
export async function ensurePoolerLogin(options: PoolerLoginOptions): Promise<void> {
  const { host, port, deadlineMs, clock, signal } = options;
  const limits = { ...(clock === undefined ? {} : { clock }), ...(signal === undefined ? {} : { signal }) };
  await waitFor({ what: `the pooler's login at ${host}:${port}`, deadlineMs, ...limits }, async () => {
    await make(options);
    return { found: true };
  });
}

async function make({ host, port, superuserPassword, password }: PoolerLoginOptions): Promise<void> {
  const { default: pg } = await import("pg");
  const client = new pg.Client({
    host,
    port,
    user: roles.superuser,
    password: superuserPassword,
    database: poolerLogin.database,
    ssl: { rejectUnauthorized: false },
    connectionTimeoutMillis: 5000,
    query_timeout: 10_000,
    application_name: "spilo-pooler-login",
  });
  // A connection that breaks makes the query fail as well; without a listener the event would end the process.
  client.on("error", () => undefined);
  try {
    await client.connect();
    await client.query(statements(client.escapeLiteral(scramVerifier(password))));
  } catch (error) {
    // What the server itself says stays so at the next attempt, unless it is on its way up or down.
    const refused = isRefusal(error);
    throw new ActionError(refused ? "failed" : "unreachable", `${host}:${port}: ${reasonOf(error)}`, {
      cause: error,
    });
  } finally {
    await client.end();
  }
}

/** Classes of SQLSTATE: 08 connection, 25 still read-only, 57 shutting down or starting up. */
function isRefusal(error: unknown): boolean {
  if (typeof error !== "object" || error === null || !("code" in error)) return false;
  const { code } = error;
  return typeof code === "string" && /^[0-9A-Z]{5}$/.test(code) && !/^(08|25|57)/.test(code);
}

/** One transaction. A user for replication alone is nobody's login through a pooler, and is not shown. */
function statements(verifier: string): string {
  const { user, schema, lookup } = poolerLogin;
  return `
    begin;
    set local log_statement = 'none';
    set local log_min_duration_statement = -1;
    do $$ begin
      if not exists (select from pg_catalog.pg_roles where rolname = '${user}') then
        create role ${user} login;
      end if;
    end $$;
    alter role ${user} with login nosuperuser nocreatedb nocreaterole noreplication password ${verifier};
    create schema if not exists ${schema};
    revoke all on schema ${schema} from public;
    grant usage on schema ${schema} to ${user};
    create or replace function ${lookup}(wanted text, out user_name text, out verifier text)
      returns setof record language sql stable security definer set search_path = pg_catalog as $$
        select usename::text, passwd from pg_shadow
        where usename = wanted and (usesuper or not userepl) and (valuntil is null or valuntil > now())
      $$;
    revoke all on function ${lookup}(text) from public;
    grant execute on function ${lookup}(text) to ${user};
    commit;
  `;
}
