import * as pulumi from "@pulumi/pulumi";
import {
  type ClusterPlan,
  containerPaths,
  type PooledPart,
  renderPgbouncer,
  renderPoolerUsers,
} from "../cluster/index.ts";
import type { Base } from "./base.ts";
import type { ConfigurationFile } from "./platform.ts";
import type { ClusterSecrets } from "./secrets.ts";

/** A connection pool beside each proxy, or beside each member. */
export interface Pooler {
  readonly port: number;
  /** Secret. What the pooler logs in with. */
  readonly password: pulumi.Output<string>;
  /** Its list of users. Secret. */
  readonly users: pulumi.Output<string>;
}

/** Nothing when the plan has no pool. */
export function makePooler({
  plan,
  secrets,
  incarnation,
}: Pick<Base, "plan" | "incarnation"> & {
  readonly secrets: Pick<ClusterSecrets, "operator" | "pooler">;
}): Pooler | undefined {
  const { pooledPort: port } = plan.endpoint;
  const { pooler: password } = secrets;
  if (port === undefined || password === undefined) return undefined;
  const known = pulumi.output({ password, operatorPassword: secrets.operator, incarnation });
  const users = known.apply((secret) => renderPoolerUsers(plan.logins.current, secret));
  return { port, password, users };
}

/** What a proxy or a member has for the pool beside it. */
export function poolerFiles(
  plan: ClusterPlan,
  part: PooledPart,
  { port, users }: Pooler,
): readonly ConfigurationFile[] {
  return [
    { path: containerPaths.poolerConfig, content: renderPgbouncer(plan, part, port) },
    { path: containerPaths.poolerUsers, content: users, withoutSecret: "" },
  ];
}
