import type * as pulumi from "@pulumi/pulumi";
import {
  type ClusterPlan,
  containerPaths,
  type EndpointPlan,
  renderPgbouncer,
  renderPoolerUsers,
} from "../cluster/index.ts";
import type { ConfigurationFile } from "./platform.ts";
import { Password } from "./resources/password.ts";
import { PoolerLogin } from "./resources/pooler-login.ts";
import type { ClusterSecrets } from "./secrets.ts";

/** A connection pool beside each proxy. */
export interface Pooler {
  readonly port: number;
  /** What each proxy has for it. */
  readonly files: readonly ConfigurationFile[];
  /** What the pooler logs in with. */
  readonly password: pulumi.Output<string>;
}

/** Nothing when the plan has no pool. */
export function makePooler(
  plan: ClusterPlan,
  opts: { readonly parent: pulumi.Resource },
): Pooler | undefined {
  const { pooledPort: port } = plan.endpoint;
  if (port === undefined) return undefined;
  const { value: password } = new Password(`${plan.cluster}-password-pooler`, { purpose: "pooler" }, opts);
  const files = [
    { path: containerPaths.poolerConfig, content: renderPgbouncer(plan, port) },
    { path: containerPaths.poolerUsers, content: password.apply(renderPoolerUsers), secret: true },
  ];
  return { port, files, password };
}

/** The pool opens when this is there. */
export function makePoolerLogin(
  cluster: string,
  { address, readWritePort }: EndpointPlan,
  { password }: Pooler,
  { superuser }: ClusterSecrets,
  after: readonly pulumi.Resource[],
  opts: { readonly parent: pulumi.Resource },
): PoolerLogin {
  const args = { cluster, host: address, port: readWritePort, superuserPassword: superuser, password };
  return new PoolerLogin(`${cluster}-pooler-login`, args, { ...opts, dependsOn: [...after] });
}
