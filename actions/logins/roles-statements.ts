/**
 * SQL for psql that changes only what is not so yet: each statement is made by a look at the catalogue, and what is
 * made is run (`\gexec`). Nothing here drops anything.
 */

/** Names as PostgreSQL takes them, whatever they mean in SQL. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A statement that is run where the condition holds. */
export function when(condition: string, statement: string): string {
  return `select ${literal(statement)} where ${condition} \\gexec`;
}

/** A role that carries rights and cannot log in. */
export function groupRole(name: string): readonly string[] {
  return [
    when(noRole(name), `create role ${identifier(name)} nologin`),
    when(isRole(name, `rolcanlogin or ${anyPower}`), `alter role ${identifier(name)} nologin ${noPower}`),
  ];
}

/** The login that is in use. Without a password before it has been given one. */
export function openLogin(name: string): readonly string[] {
  return [
    when(noRole(name), `create role ${identifier(name)} login`),
    when(isRole(name, `not rolcanlogin or ${anyPower}`), `alter role ${identifier(name)} login ${noPower}`),
  ];
}

/**
 * The login that stands by for a change of the password. Whether it is open is the change's to say, so that is only
 * decided when it is made.
 */
export function spareLogin(name: string): readonly string[] {
  return [
    when(noRole(name), `create role ${identifier(name)} nologin`),
    when(isRole(name, anyPower), `alter role ${identifier(name)} ${noPower}`),
  ];
}

/** A role that is there lets in whoever has its password. */
export function canLogIn(name: string): string {
  return when(isRole(name, "not rolcanlogin"), `alter role ${identifier(name)} login`);
}

/** A role that is there is good for nothing: it has no password either. */
export function cannotLogIn(name: string): string {
  return when(
    `exists (select from pg_catalog.pg_authid
      where rolname = ${literal(name)} and (rolcanlogin or rolpassword is not null))`,
    `alter role ${identifier(name)} nologin password null`,
  );
}

export function memberOf(member: string, group: string): string {
  return when(
    `not exists (select from pg_catalog.pg_auth_members
      where member = ${oidOf(member)} and roleid = ${oidOf(group)})`,
    `grant ${identifier(group)} to ${identifier(member)}`,
  );
}

/** Whatever the login makes belongs to the group, and is still there for the other login. */
export function actsAs(login: string, group: string): string {
  return when(
    `not exists (select from pg_catalog.pg_db_role_setting where setdatabase = 0
      and setrole = ${oidOf(login)} and ${literal(`role=${group}`)} = any (setconfig))`,
    `alter role ${identifier(login)} set role = ${literal(group)}`,
  );
}

/** A database for the members of its owner alone. It cannot be made within a transaction. */
export function databaseOf(name: string, owner: string): readonly string[] {
  const self = `from pg_catalog.pg_database d where d.datname = ${literal(name)}`;
  const [database, role] = [identifier(name), identifier(owner)];
  return [
    when(`not exists (select ${self})`, `create database ${database} owner ${role}`),
    when(
      `exists (select ${self} and d.datdba <> ${oidOf(owner)})`,
      `alter database ${database} owner to ${role}`,
    ),
    when(
      `exists (select ${self} and exists (select from
        pg_catalog.aclexplode(coalesce(d.datacl, pg_catalog.acldefault('d', d.datdba))) where grantee = 0))`,
      `revoke all on database ${database} from public`,
    ),
    when(
      `not pg_catalog.has_database_privilege(${literal(owner)}, ${literal(name)}, 'connect')
        or not pg_catalog.has_database_privilege(${literal(owner)}, ${literal(name)}, 'temporary')`,
      `grant connect, temporary on database ${database} to ${role}`,
    ),
  ];
}

/** In the database itself: its schema `public`, where there is one, is for its owner. */
export function publicSchemaOf(owner: string): readonly string[] {
  const self = "from pg_catalog.pg_namespace n where n.nspname = 'public'";
  return [
    when(
      `exists (select ${self} and n.nspowner <> ${oidOf(owner)})`,
      `alter schema public owner to ${identifier(owner)}`,
    ),
    when(
      `exists (select ${self} and exists (select from
        pg_catalog.aclexplode(coalesce(n.nspacl, pg_catalog.acldefault('n', n.nspowner)))
        where grantee = 0 and privilege_type = 'CREATE'))`,
      "revoke create on schema public from public",
    ),
  ];
}

/** In the database itself. @param name with its schema and the types of its arguments. */
export function mayExecute(role: string, name: string): string {
  return when(
    `not pg_catalog.has_function_privilege(${literal(role)}, ${literal(name)}, 'execute')`,
    `grant execute on function ${name} to ${identifier(role)}`,
  );
}

export function noRole(name: string): string {
  return `not exists (select from pg_catalog.pg_roles where rolname = ${literal(name)})`;
}

function isRole(name: string, what: string): string {
  return `exists (select from pg_catalog.pg_roles where rolname = ${literal(name)} and (${what}))`;
}

function oidOf(role: string): string {
  return `(select oid from pg_catalog.pg_roles where rolname = ${literal(role)})`;
}

const anyPower = "rolsuper or rolcreatedb or rolcreaterole or rolreplication or rolbypassrls";
const noPower = "nosuperuser nocreatedb nocreaterole noreplication nobypassrls";
