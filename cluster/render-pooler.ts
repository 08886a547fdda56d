import { containerPaths, identityFiles } from "./container-paths.ts";
import type { ClusterPlan, ProxyPlan } from "./plan-types.ts";
import { roleNames } from "./roles.ts";
import { template } from "./template.ts";

const [user] = roleNames("pooler");

/** Who looks up logins for the pooler, and by what; made in the database by its own resource. */
export const poolerLogin = {
  user,
  database: "postgres",
  schema: "pooler",
  lookup: "pooler.user_lookup",
} as const;

/**
 * PgBouncer's configuration beside a proxy, without a secret.
 *
 * @param pooledPort `plan.endpoint.pooledPort`: only where there is one, there is a pooler.
 */
export function renderPgbouncer(
  { endpoint: { readWritePort } }: ClusterPlan,
  { address }: ProxyPlan,
  pooledPort: number,
): string {
  const { database, lookup } = poolerLogin;
  const { ca, certificate, key } = identityFiles;
  return pgbouncer({
    pooledPort,
    address,
    readWritePort,
    runDirectory: containerPaths.poolerRun,
    ca,
    certificate,
    key,
    loginUser: user,
    loginDatabase: database,
    loginLookup: lookup,
  });
}

/** PgBouncer's list of users: the one who looks up the others. Secret. */
export function renderPoolerUsers(password: string): string {
  return `${quoted(user)} ${quoted(password)}\n`;
}

function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}

const pgbouncer = template<{
  readonly pooledPort: number;
  readonly address: string;
  readonly readWritePort: number;
  readonly runDirectory: string;
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
  readonly loginUser: string;
  readonly loginDatabase: string;
  readonly loginLookup: string;
}>("pgbouncer.ini.hbs");
