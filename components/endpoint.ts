import type * as pulumi from "@pulumi/pulumi";
import type { Base } from "./base.ts";
import { multiHostUriOutput, uriOutput } from "./cluster-outputs.ts";
import { makePoolerLogin } from "./logins.ts";
import { makePooler } from "./pooler.ts";
import { makeProxies } from "./proxies.ts";
import type { Readiness } from "./resources/readiness.ts";
import type { Roles } from "./resources/roles.ts";

/** The ways in. */
export interface Endpoint {
  readonly uri: pulumi.Output<string>;
  readonly readOnlyUri: pulumi.Output<string>;
  /** Undefined: there are no read replicas. */
  readonly replicasUri: pulumi.Output<string> | undefined;
  readonly pooledUri: pulumi.Output<string> | undefined;
  readonly multiHostUri: pulumi.Output<string>;
  readonly multiHostReadOnlyUri: pulumi.Output<string>;
  /** What there is when all of it serves. */
  readonly done: readonly pulumi.Resource[];
}

/** What the ways in lead to: before that, nobody can log in. */
export interface Inside {
  readonly ready: Readiness;
  /** Undefined of a cluster that follows another one, whose roles they are. */
  readonly roles: Roles | undefined;
  /** A proxy is replaced when no member is any more. */
  readonly members: readonly pulumi.Resource[];
}

/** The proxies with the one address of the cluster, the pool behind it where there is one, and what clients connect with. */
export function makeEndpoint(base: Base, { ready, roles, members }: Inside): Endpoint {
  const { endpoint } = base.plan;
  const pooler = makePooler(base);
  const proxies = makeProxies(base, pooler, members);
  const open = roles === undefined ? [ready] : [ready, roles];
  const login = pooler && roles && makePoolerLogin(base, pooler, open);
  return {
    uri: uriOutput(base, endpoint.readWritePort, open),
    readOnlyUri: uriOutput(base, endpoint.readOnlyPort, open),
    replicasUri:
      endpoint.replicasPort === undefined ? undefined : uriOutput(base, endpoint.replicasPort, open),
    pooledUri: pooler && uriOutput(base, pooler.port, [...open, ...(login === undefined ? [] : [login])]),
    multiHostUri: multiHostUriOutput(base, "read-write", open),
    multiHostReadOnlyUri: multiHostUriOutput(base, "prefer-standby", open),
    done: [...proxies, ...(login === undefined ? [] : [login])],
  };
}
