import type * as pulumi from "@pulumi/pulumi";
import { Password } from "./resources/password.ts";

/** The passwords of a cluster, each made once and known to the state alone. */
export interface ClusterSecrets {
  readonly superuser: pulumi.Output<string>;
  readonly standby: pulumi.Output<string>;
  /** For Patroni's unsafe REST verbs. */
  readonly rest: pulumi.Output<string>;
  /** What the proxies know each other by. */
  readonly vrrp: pulumi.Output<string>;
}

/** The user of Patroni's unsafe REST verbs. */
export const restUser = "spilo";

export function makeSecrets(cluster: string, opts: { readonly parent: pulumi.Resource }): ClusterSecrets {
  const password = (purpose: string) =>
    new Password(`${cluster}-password-${purpose}`, { purpose }, opts).value;
  return {
    superuser: password("superuser"),
    standby: password("standby"),
    rest: password("rest"),
    vrrp: password("vrrp"),
  };
}
