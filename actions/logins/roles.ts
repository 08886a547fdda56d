import type { LoginNames } from "../../cluster/plan-types.ts";
import {
  applicationRoleNames,
  groups,
  otherOf,
  probeDatabase,
  roleNames,
} from "../../cluster/rotation/roles.ts";
import { type LeaderSqlOptions, leaderSql } from "../sql/leader-sql.ts";
import { passwordStatements } from "./login-passwords.ts";
import {
  actsAs,
  databaseOf,
  groupRole,
  identifier,
  mayExecute,
  memberOf,
  noRole,
  openLogin,
  publicSchemaOf,
  spareLogin,
  when,
} from "./roles-statements.ts";

/** What an application works with. */
interface Application {
  readonly database: string;
  /** The group that owns the database. */
  readonly role: string;
}

export interface RolesOptions extends Omit<LeaderSqlOptions, "what"> {
  readonly application: Application;
  /** Those that are in use. */
  readonly names: Pick<LoginNames, "application" | "operator" | "standby" | "rewind">;
  /** Their passwords; what members know each other by has its own from when the cluster was born. */
  readonly logins: { readonly application: string; readonly operator: string };
}

/**
 * Makes the groups, the logins and the databases of a cluster, or makes them what they should be. Doing it twice
 * changes nothing, and nothing is ever dropped. The login of each purpose that is not in use is made without a password,
 * and from then on only kept from being more than a login.
 *
 * @throws ActionError `deadline` when nobody leads in time, `failed` when the server refuses.
 */
export async function ensureRoles(options: RolesOptions): Promise<void> {
  const { application, names, logins } = options;
  const sql = leaderSql({ ...options, what: "the roles and databases of the cluster" });
  const roles = rolesScript(application, names);
  const passwords = await passwordStatements(sql, {
    [names.application]: logins.application,
    [names.operator]: logins.operator,
  });
  await sql("postgres", [...roles, ...passwords].join("\n"));
  await sql(application.database, publicSchemaOf(application.role).join("\n"));
  await sql(probeDatabase, probeScript().join("\n"));
}

function rolesScript({ database, role }: Application, names: RolesOptions["names"]): readonly string[] {
  const { application, operator } = names;
  const otherApplication = otherOf(applicationRoleNames(role), application);
  const otherOperator = otherOf(roleNames("operator"), operator);
  return [
    ...[role, groups.clients, groups.operators].flatMap(groupRole),
    memberOf(role, groups.clients),
    memberOf(groups.operators, "pg_monitor"),
    ...openLogin(application),
    ...spareLogin(otherApplication),
    ...openLogin(operator),
    ...spareLogin(otherOperator),
    ...[application, otherApplication].flatMap((login) => [memberOf(login, role), actsAs(login, role)]),
    ...[operator, otherOperator].flatMap((login) => [
      memberOf(login, groups.operators),
      actsAs(login, groups.operators),
    ]),
    ...databaseOf(database, role),
    ...databaseOf(probeDatabase, groups.operators),
    ...standbyLogin(otherOf(roleNames("standby"), names.standby)),
    ...rewindLogin(otherOf(roleNames("rewind"), names.rewind)),
  ];
}

function probeScript(): readonly string[] {
  return [...publicSchemaOf(groups.operators), mayExecute(groups.operators, "pg_catalog.pg_switch_wal()")];
}

/**
 * What standbys stream and are copied by, as Patroni makes the one that is in use when the cluster is born; closed where
 * it is not there yet.
 */
export function standbyLogin(name: string): readonly string[] {
  return [when(noRole(name), `create role ${identifier(name)} nologin replication`)];
}

/**
 * What pg_rewind reads the leader's files by, in the same manner.
 *
 * @see https://www.postgresql.org/docs/current/app-pgrewind.html
 */
export function rewindLogin(name: string): readonly string[] {
  const read = [
    "pg_catalog.pg_ls_dir(text, boolean, boolean)",
    "pg_catalog.pg_stat_file(text, boolean)",
    "pg_catalog.pg_read_binary_file(text)",
    "pg_catalog.pg_read_binary_file(text, bigint, bigint, boolean)",
  ];
  return [...spareLogin(name), ...read.map((one) => mayExecute(name, one))];
}
