import { sourceOf } from "../restore/standby.ts";
import type { ClusterSpec } from "../schema/cluster-spec.ts";
import type { AwsNetworkPlan, GroupPlan, GroupRule } from "./aws-plan.ts";
import { memberNetworksIn, voterNetworksIn } from "./network.ts";

/**
 * Who may talk to whom: one rule for each port and party, and nothing else is let through, in or out. Parties that are
 * machines are named by all addresses that they may ever have, so that scaling changes no rule.
 */
export function planGroups(spec: ClusterSpec, network: AwsNetworkPlan): readonly GroupPlan[] {
  const { aws, endpoint } = spec;
  const members = network.zones.filter(({ serves }) => serves).flatMap(memberNetworksIn);
  const voters = network.zones.flatMap(voterNetworksIn);
  const clients = aws?.clients ?? [network.cidr];
  const operators = { networks: aws?.operators ?? [network.cidr] };
  const { readWrite, readOnly } = endpoint.ports;
  const login: GroupRule = { direction: "in", port: 22, party: operators, why: "actions log in" };
  return [
    {
      name: "load-balancer",
      rules: [
        into(readWrite, { networks: clients }, "clients of the leader"),
        into(readOnly, { networks: clients }, "clients of replicas"),
        out(postgres, { networks: members }, "their connections"),
        out(rest, { networks: members }, "checks: who leads, who is a replica"),
      ],
    },
    {
      name: "members",
      rules: [
        into(postgres, { group: "load-balancer" }, "connections of clients"),
        into(rest, { group: "load-balancer" }, "checks: who leads, who is a replica"),
        into(postgres, { networks: members }, "replication, base backups and rewinding"),
        into(rest, { networks: members }, "Patroni asks the others"),
        into(postgres, operators, "actions, and clients that know all members"),
        into(rest, operators, "actions"),
        login,
        out(postgres, { networks: members }, "replication, base backups and rewinding"),
        out(rest, { networks: members }, "Patroni asks the others"),
        out(etcdClient, { networks: voters }, "keys of Patroni"),
        ...otherClusters(spec, clients),
        ...outside,
      ],
    },
    {
      name: "voters",
      rules: [
        into(etcdClient, { group: "members" }, "keys of Patroni"),
        into(etcdPeer, { networks: voters }, "voters among themselves"),
        into(etcdClient, operators, "actions"),
        login,
        out(etcdPeer, { networks: voters }, "voters among themselves"),
        ...outside,
      ],
    },
  ];
}

/**
 * The way to the cluster that is followed; and to those that follow, as after a promotion this one follows there, and
 * nothing is opened by that. Who is let in as a client has its own endpoint in the same networks and, by default, at the same
 * port.
 */
function otherClusters(
  { standbyOf, endpoint }: ClusterSpec,
  clients: readonly string[],
): readonly GroupRule[] {
  const source = standbyOf?.host === undefined ? undefined : sourceOf(standbyOf.host);
  const ways = [
    ...(endpoint.standbys ? [{ port: endpoint.ports.readWrite, networks: clients }] : []),
    ...(source === undefined ? [] : [{ port: source.port, networks: source.hosts.map(networkOf) }]),
  ];
  // A rule that is there twice is refused by AWS.
  return [...new Set(ways.map(({ port }) => port))].map((port) => {
    const networks = new Set(ways.flatMap((way) => (way.port === port ? way.networks : [])));
    return out(port, { networks: [...networks] }, "a cluster that is followed, or may be");
  });
}

/** Security groups know no names. */
function networkOf(host: string): string {
  return /^[\d.]+$/.test(host) ? `${host}/32` : "0.0.0.0/0";
}

const [postgres, rest, etcdClient, etcdPeer] = [5432, 8008, 2379, 2380] as const;

const anywhere = { networks: ["0.0.0.0/0"] };

/** Names and the time come by the VPC's own addresses, which no security group has a say in. */
const outside: readonly GroupRule[] = [
  out(443, anywhere, "S3, Secrets Manager, images"),
  out(80, anywhere, "packages, which are signed"),
];

function into(port: number, party: GroupRule["party"], why: string): GroupRule {
  return { direction: "in", port, party, why };
}

function out(port: number, party: GroupRule["party"], why: string): GroupRule {
  return { direction: "out", port, party, why };
}
