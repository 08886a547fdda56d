import type * as pulumi from "@pulumi/pulumi";
import { Password } from "./resources/password.ts";

/** The passwords of a cluster, each made once and known to the state alone. */
export type ClusterSecrets = Readonly<Record<(typeof purposes)[number], pulumi.Output<string>>>;

/** What a password opens. */
const purposes = [
  // PostgreSQL's superuser. Nobody gets in with it over the network; without one, Spilo takes a public one.
  "superuser",
  "standby",
  "rewind",
  "operator",
  "application",
  // Patroni's unsafe REST verbs.
  "rest",
  // etcd's own superuser, and the user that Patroni's keys belong to.
  "etcd-root",
  "etcd",
  // What the proxies know each other by.
  "vrrp",
] as const;

/** The user of Patroni's unsafe REST verbs. */
export const restUser = "spilo";

export function makeSecrets(cluster: string, opts: { readonly parent: pulumi.Resource }): ClusterSecrets {
  const password = (purpose: string) =>
    new Password(`${cluster}-password-${purpose}`, { purpose }, opts).value;
  return {
    superuser: password("superuser"),
    standby: password("standby"),
    rewind: password("rewind"),
    operator: password("operator"),
    application: password("application"),
    rest: password("rest"),
    "etcd-root": password("etcd-root"),
    etcd: password("etcd"),
    vrrp: password("vrrp"),
  };
}
