import type * as pulumi from "@pulumi/pulumi";
import type { ClusterPlan } from "../cluster/index.ts";
import { Password } from "./resources/password.ts";
import { givenBy, type SourceValue } from "./source.ts";

/** What a password of every cluster opens. */
type Purpose =
  // PostgreSQL's superuser. Nobody gets in with it over the network; without one, Spilo takes a public one.
  | "superuser"
  | "standby"
  | "rewind"
  | "operator"
  | "application"
  // Patroni's unsafe REST verbs.
  | "rest"
  // etcd's own superuser, and the user that Patroni's keys belong to.
  | "etcd-root"
  | "etcd"
  // What the proxies know each other by.
  | "vrrp";

/** The passwords of a cluster, each made once in a generation and known to the state alone. */
export interface ClusterSecrets extends Readonly<Record<Purpose, pulumi.Output<string>>> {
  /** The one before of `rest`, which members take until they are replaced; empty: there was none. */
  readonly formerRest: pulumi.Output<string>;
  /** The one before of `operator`, which poolers take until they are replaced; empty: there was none. */
  readonly formerOperator: pulumi.Output<string>;
  /** Of the pooler's login; undefined when there is no pool. */
  readonly pooler: pulumi.Output<string> | undefined;
}

/** The user of Patroni's unsafe REST verbs. */
export const restUser = "spilo";

/** @param source whose logins in the database are this cluster's. */
export function makeSecrets(
  plan: ClusterPlan,
  source: pulumi.Output<SourceValue> | undefined,
  opts: { readonly parent: pulumi.Resource },
): ClusterSecrets {
  const { cluster, endpoint, logins } = plan;
  const { generations } = logins;
  const password = (purpose: string, generation: number = generations.passwords, given = {}) =>
    new Password(`${cluster}-password-${purpose}`, { purpose, generation, ...given }, opts);
  const login = (purpose: keyof SourceValue["logins"]) => {
    const generation = purpose === "application" ? generations.application : generations.passwords;
    return password(
      purpose,
      generation,
      source === undefined ? {} : { given: givenBy(source, plan, purpose) },
    );
  };
  const [rest, operator] = [password("rest"), login("operator")];
  return {
    superuser: password("superuser").value,
    standby: login("standby").value,
    rewind: login("rewind").value,
    operator: operator.value,
    formerOperator: operator.former,
    application: login("application").value,
    rest: rest.value,
    formerRest: rest.former,
    "etcd-root": password("etcd-root").value,
    etcd: password("etcd").value,
    // Never another one: proxies that do not know each other by the same would both take the endpoint's address.
    vrrp: password("vrrp", 1).value,
    pooler: endpoint.pooledPort === undefined ? undefined : login("pooler").value,
  };
}
