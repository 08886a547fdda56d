import type * as pulumi from "@pulumi/pulumi";
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

/** A connection pool beside each proxy. */
export interface Pooler {
  readonly port: number;
  /** What the pooler logs in with. */
  readonly password: pulumi.Output<string>;
}

/** Nothing when the plan has no pool. */
export function makePooler({ plan, within }: Base): Pooler | undefined {
  const { cluster, endpoint } = plan;
  const { pooledPort: port } = endpoint;
  if (port === undefined) return undefined;
  const { value: password } = new Password(`${cluster}-password-pooler`, { purpose: "pooler" }, within);
  return { port, password };
}

/** What a proxy has for the pool beside it. */
export function poolerFiles(
  plan: ClusterPlan,
  proxy: ProxyPlan,
  { port, password }: Pooler,
): readonly ConfigurationFile[] {
  return [
    { path: containerPaths.poolerConfig, content: renderPgbouncer(plan, proxy, port) },
    { path: containerPaths.poolerUsers, content: password.apply(renderPoolerUsers), withoutSecret: "" },
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
