import type { ClusterPlan, ProxyPlan, VrrpPlan } from "../plan-types.ts";
import { containerPaths, identityPath } from "./container-paths.ts";
import { template } from "./template.ts";

/** HAProxy's configuration. All addresses that a member may ever have are in it, so scaling changes nothing. */
export function renderHaproxy(plan: ClusterPlan, proxy: ProxyPlan): string {
  return haproxy({
    socket: containerPaths.proxySocket,
    caFile: identityPath("ca"),
    pairFile: identityPath("pair"),
    readWritePort: plan.endpoint.readWritePort,
    readOnlyPort: plan.endpoint.readOnlyPort,
    replicasPort: plan.endpoint.replicasPort ?? false,
    nearest: plan.network === undefined,
    servers: proxy.servers.map((server) => ({ ...serverView(server), near: server.zone === proxy.zone })),
    replicaServers: proxy.replicaServers.map((server) => {
      return { ...serverView(server), placeName: server.placeName };
    }),
  });
}

/**
 * keepalived's configuration. It holds a password: treat it as a secret.
 *
 * @param secret what the proxies know each other by, the same for all of them. keepalived takes eight characters: the
 *   first eight of it.
 */
export function renderKeepalived(
  plan: ClusterPlan,
  { name, vrrp, address }: ProxyPlan,
  secret: string,
): string {
  if (vrrp === undefined) throw new Error(`${name} shares no address`);
  return keepalived({
    ...vrrp,
    address,
    virtualAddress: plan.endpoint.address,
    secret: secret.slice(0, 8),
    interfaceFile: containerPaths.keepalivedInterface,
    downFile: containerPaths.haproxyDown,
    answers: containerPaths.haproxyAnswers,
  });
}

const haproxy = template<{
  readonly socket: string;
  readonly caFile: string;
  readonly pairFile: string;
  readonly readWritePort: number;
  readonly readOnlyPort: number;
  readonly replicasPort: number | false;
  /** Whether readers have a nearest. */
  readonly nearest: boolean;
  readonly servers: readonly (ServerView & { readonly near: boolean })[];
  readonly replicaServers: readonly (ServerView & { readonly placeName: string })[];
}>("haproxy.cfg.hbs");

const keepalived = template<
  VrrpPlan & {
    readonly address: string;
    readonly virtualAddress: string;
    readonly secret: string;
    readonly interfaceFile: string;
    readonly downFile: string;
    readonly answers: string;
  }
>("keepalived.conf.hbs");

/** A server as HAProxy's configuration names it. */
interface ServerView {
  readonly name: string;
  readonly host: string;
  readonly postgresPort: number;
  readonly restPort: number;
}

function serverView({ name, postgres, rest }: ProxyPlan["servers"][number]): ServerView {
  return { name, host: postgres.host, postgresPort: postgres.port, restPort: rest.port };
}
