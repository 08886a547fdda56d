import { sourceOf } from "../restore/standby.ts";
import { type StandingReplica, takesReaders } from "../replicas/plan-replicas.ts";
import type { ClusterSpec } from "../schema/cluster-spec.ts";
import type { AwsNetworkPlan, GroupPlan, GroupRule } from "./aws-plan.ts";
import { memberNetworksIn, voterNetworksIn } from "./network.ts";

/**
 * Who may talk to whom: one rule for each port and party, and nothing else is let through, in or out. Members and voters
 * are named by all addresses that they may ever have, so that scaling changes no rule. Read replicas are named one by one:
 * a group takes 60 rules, and those are many addresses.
 */
export function planGroups(
  spec: ClusterSpec,
  network: AwsNetworkPlan,
  replicas: readonly StandingReplica[],
): readonly GroupPlan[] {
  const { aws, endpoint } = spec;
  const members = network.zones.filter(({ serves }) => serves).flatMap(memberNetworksIn);
  const voters = network.zones.flatMap(voterNetworksIn);
  const clients = aws?.clients ?? [network.cidr];
  const operators = { networks: aws?.operators ?? [network.cidr] };
  const { readWrite, readOnly } = endpoint.ports;
  const reading = only(replicas.filter(takesReaders));
  const following = only(replicas);
  const login: GroupRule = { direction: "in", port: 22, party: operators, why: "actions log in" };
  return [
    {
      name: "load-balancer",
      rules: [
        into(readWrite, { networks: clients }, "clients of the leader"),
        into(readOnly, { networks: clients }, "clients of standbys"),
        ...(replicas.length === 0
          ? []
          : [into(endpoint.ports.replicas, { networks: clients }, "clients of read replicas")]),
        out(postgres, { networks: members }, "their connections"),
        out(rest, { networks: members }, "checks: who leads, who is a standby"),
        ...(endpoint.pooled
          ? [
              into(endpoint.ports.pooled, { networks: clients }, "clients of the pool"),
              out(endpoint.ports.pooled, { networks: members }, "their connections"),
            ]
          : []),
        ...reading.flatMap((networks) => [
          out(postgres, networks, "connections of readers"),
          out(rest, networks, "checks: who is fresh"),
        ]),
      ],
    },
    {
      name: "members",
      rules: [
        into(postgres, { group: "load-balancer" }, "connections of clients"),
        into(rest, { group: "load-balancer" }, "checks: who leads, who is a standby"),
        ...(endpoint.pooled
          ? [into(endpoint.ports.pooled, { group: "load-balancer" }, "clients of the pool")]
          : []),
        into(postgres, { networks: members }, "replication, base backups and rewinding"),
        into(rest, { networks: members }, "Patroni asks the others"),
        ...following.flatMap((networks) => [
          into(postgres, networks, "read replicas stream, and copy"),
          into(rest, networks, "their Patroni asks the others"),
          out(rest, networks, "Patroni asks read replicas"),
        ]),
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
    ...(replicas.length === 0 ? [] : [replicasGroup()]),
    {
      name: "voters",
      rules: [
        into(etcdClient, { group: "members" }, "keys of Patroni"),
        ...(replicas.length === 0 ? [] : [into(etcdClient, { group: "replicas" }, "keys of their Patroni")]),
        into(etcdPeer, { networks: voters }, "voters among themselves"),
        into(etcdClient, operators, "actions"),
        login,
        out(etcdPeer, { networks: voters }, "voters among themselves"),
        ...outside,
      ],
    },
  ];

  function replicasGroup(): GroupPlan {
    return {
      name: "replicas",
      rules: [
        into(postgres, { group: "load-balancer" }, "connections of readers"),
        into(rest, { group: "load-balancer" }, "checks: who is fresh"),
        into(rest, { group: "members" }, "Patroni asks the others"),
        ...following.flatMap((networks) => [
          into(postgres, networks, "one that follows another one"),
          into(rest, networks, "Patroni asks the others"),
          out(postgres, networks, "one that follows another one"),
          out(rest, networks, "Patroni asks the others"),
        ]),
        into(postgres, operators, "actions, and readers of a late one"),
        into(rest, operators, "actions"),
        login,
        out(postgres, { networks: members }, "replication, base backups and rewinding"),
        out(rest, { networks: members }, "Patroni asks the others"),
        out(etcdClient, { networks: voters }, "keys of Patroni"),
        ...outside,
      ],
    };
  }
}

/** Exactly the address of each, or no rule where there is none. */
function only(replicas: readonly StandingReplica[]): readonly { readonly networks: readonly string[] }[] {
  return replicas.length === 0 ? [] : [{ networks: replicas.map(({ site }) => `${site.address}/32`) }];
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
