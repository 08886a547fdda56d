/**
 * The roles in the database: who logs in, and by which name. Each purpose
 * has two roles, so that a password can be rotated with the old and the new
 * one in force at once: the login that is not in use gets the new password,
 * everybody moves to it, and only then is the other one closed. Which of the
 * two is in use is the rotation's to say (`rotation.ts`); a new cluster
 * starts with the first.
 *
 * Both roles of a purpose have the same rights, and neither owns anything:
 * what they own belongs to the group that both are members of.
 */

/** What the project itself logs in for. */
export const rolePurposes = ["standby", "rewind", "operator", "pooler"] as const;

/**
 * `standby`: streaming and base backups. `rewind`: pg_rewind, and Patroni's
 * look at the leader before it. `operator`: readiness checks and settings.
 * `pooler`: the pooler's look-up of the password that a client must know.
 */
export type RolePurpose = (typeof rolePurposes)[number];

/** Both roles of a purpose, the one that a new cluster uses first. */
export function roleNames(purpose: RolePurpose): readonly [string, string] {
  return loginsOf(purpose);
}

/** Both logins of an application whose data `role` owns. */
export function applicationRoleNames(role: string): readonly [string, string] {
  return loginsOf(role);
}

function loginsOf(name: string): readonly [string, string] {
  return [`${name}_1`, `${name}_2`];
}

/** Roles that cannot log in, and that carry the rights of those that can. */
export const groups = { clients: "spilo_clients", operators: "spilo_operators" } as const;

/** The superuser: it logs in by the local socket, never over the network. */
export const superuser = "postgres";

/** etcd's role that may touch the keys of one incarnation, and nothing else. */
export const etcdRole = "patroni";

/** Both of etcd's users who have that role, the one that a new cluster uses first. */
export const etcdUsers: readonly [string, string] = loginsOf(etcdRole);

/** The other one of two that take turns. */
export function otherOf([first, second]: readonly [string, string], name: string): string {
  return name === first ? second : first;
}

/** The database in which the operator's checks write, apart from anybody's data. */
export const probeDatabase = "spilo_probe";

/** Every name of a role or a database that this project takes for itself. */
export const ownNames: readonly string[] = [
  superuser,
  probeDatabase,
  ...Object.values(groups),
  ...rolePurposes.flatMap(roleNames),
];
