import { containerPaths, type ProxyPlan } from "../../cluster/index.ts";
import type { Part } from "../platform.ts";
import type { DockerZone } from "./zone.ts";

/** A HAProxy that leads clients to the leader and readers to the standbys. It keeps nothing. */
export function makeProxy(zone: DockerZone, plan: ProxyPlan, configuration: string): Part {
  return zone.container(plan, "proxy", {
    // Not in the background, and with a master process that reloads without cutting sessions.
    command: ["haproxy", "-W", "-db", "-f", containerPaths.proxyConfig],
    uploads: [{ file: containerPaths.proxyConfig, content: configuration }],
    destroyGraceSeconds: 5,
  });
}
