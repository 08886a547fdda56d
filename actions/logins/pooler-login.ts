import { poolerLogin } from "../../cluster/render/render-pooler.ts";
import { groups, otherOf, roleNames } from "../../cluster/rotation/roles.ts";
import { type LeaderSqlOptions, leaderSql } from "../sql/leader-sql.ts";
import { passwordStatements } from "./login-passwords.ts";
import { identifier, literal, mayExecute, openLogin, spareLogin, when } from "./roles-statements.ts";

export interface PoolerLoginOptions extends Omit<LeaderSqlOptions, "what"> {
  /** The pooler's role that is in use. */
  readonly user: string;
  readonly password: string;
}

/**
 * Makes the roles that look up others' verifiers for a pooler, and the one function that they may call. Doing it twice
 * changes nothing.
 *
 * @throws ActionError `deadline` when nobody leads in time, `failed` when the server refuses.
 */
export async function ensurePoolerLogin(options: PoolerLoginOptions): Promise<void> {
  const { user, password } = options;
  const sql = leaderSql({ ...options, what: "the pooler's login" });
  const passwords = await passwordStatements(sql, { [user]: password });
  await sql(poolerLogin.database, [...statements(user), ...passwords].join("\n"));
}

function statements(user: string): readonly string[] {
  const { schema, lookup } = poolerLogin;
  const other = otherOf(roleNames("pooler"), user);
  return [
    ...openLogin(user),
    ...spareLogin(other),
    when(
      `not exists (select from pg_catalog.pg_namespace where nspname = ${literal(schema)})`,
      `create schema ${identifier(schema)}`,
    ),
    // In one transaction: a new function may be called by everybody at first.
    "begin;",
    lookupFunction(),
    when(
      `exists (select from pg_catalog.pg_proc p, pg_catalog.aclexplode(
        coalesce(p.proacl, pg_catalog.acldefault('f', p.proowner)))
        where p.oid = ${literal(`${lookup}(text)`)}::pg_catalog.regprocedure and grantee = 0)`,
      `revoke all on function ${lookup}(text) from public`,
    ),
    "commit;",
    ...[user, other].flatMap((role) => [
      when(
        `not pg_catalog.has_schema_privilege(${literal(role)}, ${literal(schema)}, 'usage')`,
        `grant usage on schema ${identifier(schema)} to ${identifier(role)}`,
      ),
      mayExecute(role, `${lookup}(text)`),
    ]),
  ];
}

function lookupFunction(): string {
  const { lookup } = poolerLogin;
  return when(
    `not exists (select from pg_catalog.pg_proc
      where oid = pg_catalog.to_regprocedure(${literal(`${lookup}(text)`)})
      and prosrc = ${literal(body)} and prosecdef and proconfig = array['search_path=pg_catalog, pg_temp'])`,
    `create or replace function ${lookup}(wanted text, out user_name text, out verifier text)
      returns setof record language sql stable security definer set search_path = pg_catalog, pg_temp
      as ${literal(body)}`,
  );
}

/**
 * Only those who may log in as clients, over the network. Nobody who is, or may become, a superuser or one who reads
 * the whole cluster by replication; and none of the operators.
 */
const body = `
  select login.rolname::text, login.rolpassword
  from pg_catalog.pg_authid login
  where login.rolname = wanted and login.rolcanlogin
    and (login.rolvaliduntil is null or login.rolvaliduntil > pg_catalog.now())
    and exists (select from pg_catalog.pg_roles granted where granted.rolname = '${groups.clients}'
      and pg_catalog.pg_has_role(login.oid, granted.oid, 'member'))
    and not exists (select from pg_catalog.pg_roles denied
      where (denied.rolsuper or denied.rolreplication or denied.rolname = '${groups.operators}')
      and pg_catalog.pg_has_role(login.oid, denied.oid, 'member'))
`;
