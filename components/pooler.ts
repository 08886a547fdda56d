import * as pulumi from "@pulumi/pulumi";
import {
  type ClusterPlan,
  containerPaths,
  type ProxyPlan,
  renderPgbouncer,
  renderPoolerUsers,
} from "../cluster/index.ts";
import type { Base } from "./base.ts";
import { membersOnEngines } from "./members.ts";
import type { ConfigurationFile } from "./platform.ts";
import { Password } from "./resources/password.ts";
import { PoolerLogin } from "./resources/pooler-login.ts";
import type { ClusterSecrets } from "./secrets.ts";

/** A connection pool beside each proxy. */
export interface Pooler {
  readonly port: number;
  /** What the pooler logs in with. */
  readonly password: pulumi.Output<string>;
  /** Its list of users. Secret. */
  readonly users: pulumi.Output<string>;
}

/** Nothing when the plan has no pool. */
export function makePooler({
  plan,
  secrets,
  incarnation,
  within,
}: Pick<Base, "plan" | "incarnation" | "within"> & {
  readonly secrets: Pick<ClusterSecrets, "operator">;
}): Pooler | undefined {
  const { cluster, endpoint } = plan;
  const { pooledPort: port } = endpoint;
  if (port === undefined) return undefined;
  const { value: password } = new Password(`${cluster}-password-pooler`, { purpose: "pooler" }, within);
  const known = pulumi.output({ password, operatorPassword: secrets.operator, incarnation });
  const users = known.apply(renderPoolerUsers);
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
  base: Base,
  { password }: Pooler,
  after: readonly pulumi.Resource[],
): PoolerLogin {
  const { plan, identities, within } = base;
  const { access } = identities;
  const args = { cluster: plan.cluster, members: membersOnEngines(base), access, password };
  return new PoolerLogin(`${plan.cluster}-pooler-login`, args, { ...within, dependsOn: [...after] });
}
