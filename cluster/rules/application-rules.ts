import { applicationRoleNames, ownNames, roleNames, rolePurposes } from "../rotation/roles.ts";
import type { ClusterSpec } from "../schema/cluster-spec.ts";
import type { SpecIssue } from "../schema/spec-error.ts";
import type { Rule } from "./rule.ts";

/** The application's names, against those that somebody else has. */
export const applicationRules: readonly Rule[] = [
  { reads: ["application.database"], check: databaseIsFree },
  { reads: ["application.role"], check: roleIsFree },
];

function databaseIsFree({ application: { database } }: ClusterSpec): readonly SpecIssue[] {
  return taken("application.database", database, [...ownersOfNames, ...ownersOfDatabases]);
}

function roleIsFree({ application: { role } }: ClusterSpec): readonly SpecIssue[] {
  const path = "application.role";
  const found = taken(path, role, [...ownersOfNames, ...ownersOfRoles]);
  if (found.length > 0) return found;
  const own = rolePurposes.flatMap(roleNames);
  const clash = applicationRoleNames(role).find((login) => own.includes(login));
  return clash === undefined
    ? []
    : [issueOf(path, role, `would log in as ${clash}, a role of the cluster's`)];
}

/** Who has a name already, in words that complete "is a name of". */
interface Owner {
  readonly who: string;
  readonly has: (name: string) => boolean;
}

const ownersOfNames: readonly Owner[] = [
  { who: "the cluster's own", has: (name) => ownNames.includes(name) || name.startsWith("spilo_") },
  { who: "PostgreSQL's own", has: (name) => name.startsWith("pg_") },
];

const ownersOfDatabases: readonly Owner[] = [
  { who: "PostgreSQL's own", has: (name) => ["template0", "template1"].includes(name) },
  // Who connects to a database of this name gets the pooler's own commands.
  { who: "the pooler's own", has: (name) => name === "pgbouncer" },
];

const ownersOfRoles: readonly Owner[] = [
  { who: "PostgreSQL's own", has: (name) => ["template0", "template1", "public", "none"].includes(name) },
  { who: "the image's own", has: (name) => ["admin", "cron_admin", "robot_zmon", "zalandos"].includes(name) },
];

function taken(path: string, name: string, owners: readonly Owner[]): readonly SpecIssue[] {
  const owner = owners.find(({ has }) => has(name));
  return owner === undefined ? [] : [issueOf(path, name, `is a name of ${owner.who}`)];
}

function issueOf(path: string, value: string, message: string): SpecIssue {
  return {
    path,
    value,
    message,
    remedy: "Choose another one, such as orders, or remove the key: then it is app.",
  };
}
