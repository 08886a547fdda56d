import type * as pulumi from "@pulumi/pulumi";
import type { ClusterPlan } from "../../cluster/index.ts";
import type { Platform } from "../platform.ts";
import { makeBucketServer } from "./bucket-server.ts";
import { lostGround } from "./ground.ts";
import { makeMember } from "./member.ts";
import { makeProxy } from "./proxy.ts";
import { makeVoter } from "./voter.ts";
import { DockerZone } from "./zone.ts";

/**
 * Zones are Docker engines, parts are containers: with fixed addresses in one network, or, over several zones, on the
 * networks of their hosts. A zone that cannot be had has nothing, and its engine is not called.
 */
export function dockerPlatform(
  plan: ClusterPlan,
  incarnation: pulumi.Output<string>,
  opts: { readonly parent: pulumi.Resource },
): Platform {
  const zones = new Map(
    plan.zones
      .filter(({ available }) => available)
      .map((zone) => [zone.name, new DockerZone(plan, zone, incarnation, opts)]),
  );
  for (const zone of plan.zones) {
    if (!zone.available) lostGround({ plan, zone, incarnation, within: opts });
  }
  const zoneOf = (name: string): DockerZone => {
    const zone = zones.get(name);
    if (zone === undefined) throw new Error(`the plan names no zone ${name}`);
    return zone;
  };
  return {
    voter: (voter, configuration, identity, after, turn) =>
      makeVoter(zoneOf(voter.zone), voter, configuration, identity, { dependsOn: after, turn }),
    member: (member, environment, identity, after, steps) =>
      makeMember(zoneOf(member.zone), member, environment, identity, { dependsOn: after, ...steps }),
    proxy: (proxy, configuration, identity, after) =>
      makeProxy(zoneOf(proxy.zone), proxy, plan.endpoint.pooledPort, configuration, identity, after),
    bucketServer: (server, user, identity) => makeBucketServer(zoneOf(server.zone), server, user, identity),
    // A cluster is declared at one go, so afterwards all of them are known.
    identified: Promise.resolve().then(() => [...zones.values()].flatMap(({ identified }) => identified)),
    engineOf: ({ zone }) => zoneOf(zone).engine,
    limitProcesses: () => {
      for (const zone of zones.values()) zone.limitProcesses();
    },
  };
}
