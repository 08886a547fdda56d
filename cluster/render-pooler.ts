import { containerPaths } from "./container-paths.ts";
import type { ClusterPlan } from "./plan-types.ts";
import { template } from "./template.ts";

/** Who looks up logins for the pooler, and by what; made in the database by its own resource. */
export const poolerLogin = {
  user: "pooler",
  database: "postgres",
  schema: "pooler",
  lookup: "pooler.user_lookup",
} as const;

/**
 * PgBouncer's configuration, the same for all proxies, and without a secret.
 *
 * @param pooledPort `plan.endpoint.pooledPort`: only where there is one, there is a pooler.
 */
export function renderPgbouncer({ endpoint: { readWritePort } }: ClusterPlan, pooledPort: number): string {
  const { user, database, lookup } = poolerLogin;
  return pgbouncer({
    pooledPort,
    readWritePort,
    runDirectory: containerPaths.poolerRun,
    loginUser: user,
    loginDatabase: database,
    loginLookup: lookup,
  });
}

/** PgBouncer's list of users: the one who looks up the others. Secret. */
export function renderPoolerUsers(password: string): string {
  return `${quoted(poolerLogin.user)} ${quoted(password)}\n`;
}

function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}

const pgbouncer = template<{
  readonly pooledPort: number;
  readonly readWritePort: number;
  readonly runDirectory: string;
  readonly loginUser: string;
  readonly loginDatabase: string;
  readonly loginLookup: string;
}>("pgbouncer.ini.hbs");
