import { createHash } from "node:crypto";
import type { Incarnation } from "../incarnation.ts";
import type { ClusterPlan, LoginNames, MemberPlan, ProxyPlan } from "../plan-types.ts";
import { scramVerifier } from "../rotation/scram.ts";
import { containerPaths, identityFiles } from "./container-paths.ts";
import { template } from "./template.ts";

/** By what logins are looked up for the pooler; made in the database by its own resource. */
export const poolerLogin = {
  database: "postgres",
  schema: "pooler",
  lookup: "pooler.user_lookup",
} as const;

/** What a pool stands beside, and leads to: a proxy, or a member. */
export type PooledPart = Pick<ProxyPlan, "address"> & Partial<Pick<MemberPlan, "postgres">>;

/**
 * PgBouncer's configuration, without a secret.
 *
 * @param pooledPort `plan.endpoint.pooledPort`: only where there is one, there is a pooler.
 */
export function renderPgbouncer(
  { endpoint: { readWritePort }, logins: { current } }: ClusterPlan,
  { address, postgres }: PooledPart,
  pooledPort: number,
): string {
  const { database, lookup } = poolerLogin;
  const { ca, certificate, key } = identityFiles;
  return pgbouncer({
    pooledPort,
    address,
    port: postgres?.port ?? readWritePort,
    besideMember: postgres !== undefined,
    runDirectory: containerPaths.poolerRun,
    ca,
    certificate,
    key,
    loginUser: current.pooler,
    loginDatabase: database,
    loginLookup: lookup,
    operator: current.operator,
  });
}

/** What opens a pooler. */
interface PoolerUsers {
  /** Of the one who looks up the others in the database: PgBouncer logs in with it. */
  readonly password: string;
  /** Of the operator, who may have clients wait and go on. */
  readonly operatorPassword: string;
  readonly incarnation: Incarnation;
}

/**
 * PgBouncer's list of users. Secret. Of the operator only the verifier stands in it: PgBouncer lets him in with that,
 * and can log in nowhere.
 */
export function renderPoolerUsers(
  { pooler, operator }: Pick<LoginNames, "pooler" | "operator">,
  { password, operatorPassword, incarnation }: PoolerUsers,
): string {
  const verifier = scramVerifier(operatorPassword, verifierSalt(operator, incarnation));
  return `${quoted(pooler)} ${quoted(password)}\n${quoted(operator)} ${quoted(verifier)}\n`;
}

/**
 * The same at every run, or the file would be another each time; and another than the one in the database, whose
 * verifier this one is not.
 */
function verifierSalt(operator: string, incarnation: Incarnation): Buffer {
  return createHash("sha256").update(`pooler ${operator} ${incarnation}`).digest().subarray(0, 16);
}

function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}

const pgbouncer = template<{
  readonly pooledPort: number;
  readonly address: string;
  readonly port: number;
  readonly besideMember: boolean;
  readonly runDirectory: string;
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
  readonly loginUser: string;
  readonly loginDatabase: string;
  readonly loginLookup: string;
  readonly operator: string;
}>("pgbouncer.ini.hbs");
