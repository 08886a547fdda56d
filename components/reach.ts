import * as pulumi from "@pulumi/pulumi";
import type { EndpointPlan } from "../cluster/index.ts";
import type { Base } from "./base.ts";
import {
  credentialsFor,
  type MemberOutput,
  memberOutputs,
  type OperatingCredentials,
  type ProxyOutput,
  proxyOutputs,
  type ReplicaOutput,
  replicaOutputs,
  synchronousStandbysOf,
  type VoterOutput,
  voterOutputs,
} from "./cluster-outputs.ts";

/** Where the parts of a cluster are and what opens them, for resources that act on it. */
export interface Reach {
  readonly name: string;
  readonly incarnation: string;
  readonly endpoint: EndpointPlan;
  readonly members: readonly MemberOutput[];
  readonly replicas: readonly ReplicaOutput[];
  readonly voters: readonly VoterOutput[];
  readonly proxies: readonly ProxyOutput[];
  readonly synchronousStandbys: number;
  readonly credentials: OperatingCredentials;
}

/** Secret. Known as soon as the certificates are there: it waits for no part. */
export function reachOf(base: Base): pulumi.Output<Reach> {
  const { plan, incarnation, secrets } = base;
  const known = pulumi.all([incarnation, credentialsFor(base), secrets.formerRest, secrets.formerOperator]);
  return pulumi.secret(
    known.apply(([token, credentials, formerRest, formerOperator]) => ({
      name: plan.cluster,
      incarnation: token,
      endpoint: plan.endpoint,
      members: memberOutputs(base),
      replicas: replicaOutputs(base),
      voters: voterOutputs(base),
      proxies: proxyOutputs(base),
      synchronousStandbys: synchronousStandbysOf(plan),
      credentials: {
        ...credentials,
        rest: { ...credentials.rest, former: formerRest },
        formerOperator: { user: plan.logins.formerOperator, password: formerOperator },
      },
    })),
  );
}
