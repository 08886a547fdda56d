import type * as pulumi from "@pulumi/pulumi";
import type { Base } from "./base.ts";
import { reachOf } from "./reach.ts";
import { Departure } from "./resources/departure.ts";

/** Before the settings: as long as somebody may have to take over, they are those that it goes by. */
export function makeDeparture(base: Base, after: pulumi.Resource): Departure {
  const { plan, within } = base;
  const members = plan.members.map(({ name }) => name);
  const replicas = plan.replicas.map(({ name }) => name);
  const args = {
    members,
    ...(replicas.length === 0 ? {} : { replicas }),
    volumesKept: plan.teardown.protected,
    ...(plan.aws === undefined ? {} : { loadBalancer: true }),
    cluster: reachOf(base),
  };
  return new Departure(`${plan.cluster}-departure`, args, { ...within, dependsOn: after });
}
