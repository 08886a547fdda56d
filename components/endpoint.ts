import type * as pulumi from "@pulumi/pulumi";
import type { ClusterPlan } from "../cluster/index.ts";
import { multiHostUriOutput, uriOutput } from "./cluster-outputs.ts";
import type { Platform } from "./platform.ts";
import { makePooler, makePoolerLogin } from "./pooler.ts";
import { makeProxies } from "./proxies.ts";
import type { Readiness } from "./resources/readiness.ts";
import type { ClusterSecrets } from "./secrets.ts";

/** The ways in. */
export interface Endpoint {
  readonly uri: pulumi.Output<string>;
  readonly readOnlyUri: pulumi.Output<string>;
  readonly pooledUri: pulumi.Output<string> | undefined;
  readonly multiHostUri: pulumi.Output<string>;
  readonly multiHostReadOnlyUri: pulumi.Output<string>;
}

/** The proxies with the one address of the cluster, the pool behind it where there is one, and what clients connect with. */
export function makeEndpoint(
  plan: ClusterPlan,
  platform: Platform,
  secrets: ClusterSecrets,
  ready: Readiness,
  within: { readonly parent: pulumi.Resource },
): Endpoint {
  const pooler = makePooler(plan, within);
  const proxies = makeProxies(plan, platform, secrets, pooler, within);
  const through = (port: number, when: pulumi.CustomResource) => uriOutput(plan, port, secrets, when);
  const after = [ready, ...proxies];
  return {
    uri: through(plan.endpoint.readWritePort, ready),
    readOnlyUri: through(plan.endpoint.readOnlyPort, ready),
    pooledUri:
      pooler &&
      through(pooler.port, makePoolerLogin(plan.cluster, plan.endpoint, pooler, secrets, after, within)),
    multiHostUri: multiHostUriOutput(plan, "read-write", secrets, ready),
    multiHostReadOnlyUri: multiHostUriOutput(plan, "prefer-standby", secrets, ready),
  };
}
