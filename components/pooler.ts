import * as pulumi from "@pulumi/pulumi";
import {
  type ClusterPlan,
  containerPaths,
  type ProxyPlan,
  renderPgbouncer,
  renderPoolerUsers,
} from "../cluster/index.ts";
import type { Base, LeaderBase } from "./base.ts";
import { membersOnEngines } from "./members.ts";
import type { ConfigurationFile } from "./platform.ts";
import { PoolerLogin } from "./resources/pooler-login.ts";
import type { ClusterSecrets } from "./secrets.ts";

/** A connection pool beside each proxy. */
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

/** What a proxy has for the pool beside it. */
export function poolerFiles(
  plan: ClusterPlan,
  proxy: ProxyPlan,
  { port, users }: Pooler,
): readonly ConfigurationFile[] {
  return [
    { path: containerPaths.poolerConfig, content: renderPgbouncer(plan, proxy, port) },
    { path: containerPaths.poolerUsers, content: users, withoutSecret: "" },
  ];
}

/** The pool opens when this is there. */
export function makePoolerLogin(
  base: LeaderBase,
  { password }: Pick<Pooler, "password">,
  after: readonly pulumi.Resource[],
): PoolerLogin {
  const { plan, identities, within } = base;
  const { access } = identities;
  const user = plan.logins.current.pooler;
  const args = { cluster: plan.cluster, members: membersOnEngines(base), access, user, password };
  return new PoolerLogin(`${plan.cluster}-pooler-login`, args, { ...within, dependsOn: [...after] });
}
