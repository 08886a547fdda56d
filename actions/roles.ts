import { applicationRoleNames, groups, probeDatabase, roleNames } from "../cluster/roles.ts";
import { type LeaderSqlOptions, leaderSql } from "./leader-sql.ts";
import { passwordStatements } from "./login-passwords.ts";
import {
  actsAs,
  databaseOf,
  groupRole,
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
  /** Passwords of the first role of each. */
  readonly logins: { readonly application: string; readonly operator: string };
}

/**
 * Makes the groups, the logins and the databases of a cluster, or makes them what they should be. Doing it twice
 * changes nothing, and nothing is ever dropped. The second login of each purpose is made without a password, and from
 * then on only kept from being more than a login.
 *
 * @throws ActionError `deadline` when nobody leads in time, `failed` when the server refuses.
 */
export async function ensureRoles(options: RolesOptions): Promise<void> {
  const { application, logins } = options;
  const sql = leaderSql({ ...options, what: "the roles and databases of the cluster" });
  const [applicationLogin] = applicationRoleNames(application.role);
  const [operatorLogin] = roleNames("operator");
  const roles = rolesScript(application);
  const passwords = await passwordStatements(sql, {
    [applicationLogin]: logins.application,
    [operatorLogin]: logins.operator,
  });
  await sql("postgres", [...roles, ...passwords].join("\n"));
  await sql(application.database, publicSchemaOf(application.role).join("\n"));
  await sql(probeDatabase, probeScript().join("\n"));
}

function rolesScript({ database, role }: Application): readonly string[] {
  const [first, second] = applicationRoleNames(role);
  const [operator, otherOperator] = roleNames("operator");
  return [
    ...[role, groups.clients, groups.operators].flatMap(groupRole),
    memberOf(role, groups.clients),
    memberOf(groups.operators, "pg_monitor"),
    ...openLogin(first),
    ...spareLogin(second),
    ...openLogin(operator),
    ...spareLogin(otherOperator),
    ...[first, second].flatMap((login) => [memberOf(login, role), actsAs(login, role)]),
    ...[operator, otherOperator].flatMap((login) => [
      memberOf(login, groups.operators),
      actsAs(login, groups.operators),
    ]),
    ...databaseOf(database, role),
    ...databaseOf(probeDatabase, groups.operators),
    ...membersSpareLogins(),
  ];
}

function probeScript(): readonly string[] {
  return [...publicSchemaOf(groups.operators), mayExecute(groups.operators, "pg_catalog.pg_switch_wal()")];
}

/**
 * What members know each other by. Patroni makes the first role of each when the cluster is born, with these rights and
 * in this database.
 *
 * @see https://www.postgresql.org/docs/current/app-pgrewind.html
 */
function membersSpareLogins(): readonly string[] {
  const [, standby] = roleNames("standby");
  const [, rewind] = roleNames("rewind");
  const read = [
    "pg_catalog.pg_ls_dir(text, boolean, boolean)",
    "pg_catalog.pg_stat_file(text, boolean)",
    "pg_catalog.pg_read_binary_file(text)",
    "pg_catalog.pg_read_binary_file(text, bigint, bigint, boolean)",
  ];
  return [
    when(noRole(standby), `create role ${standby} nologin replication`),
    ...spareLogin(rewind),
    ...read.map((name) => mayExecute(rewind, name)),
  ];
}
