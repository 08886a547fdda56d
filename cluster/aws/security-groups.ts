import { type StandingReplica, takesReaders } from "../replicas/plan-replicas.ts";
import { sourceOf } from "../restore/standby.ts";
import type { ClusterSpec } from "../schema/cluster-spec.ts";
import type { AwsNetworkPlan, GroupPlan, GroupRule } from "./aws-plan.ts";
import { memberNetworksIn, voterNetworksIn } from "./network.ts";
import { hasAgent, operatorsOf } from "./reach.ts";

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
  const { readWrite, readOnly } = endpoint.ports;
  const reading = only(replicas.filter(takesReaders));
  const following = only(replicas);
  // From outside, or from a machine of the cluster's that a session leads to.
  const operators = operatorsOf(spec, network);
  const hops = hasAgent(spec) ? voters : [];
  // AWS takes no rule twice: what members may do among themselves, they may in any case.
  const ofActions = (ports: readonly number[], networks: readonly string[]): readonly GroupRule[] =>
    networks.length === 0 ? [] : ports.map((port) => into(port, { networks }, actionsAt(port)));
  const login = ofActions([ssh], [...operators, ...hops, ...(hasAgent(spec) ? members : [])]);
  const ofPatroni = [
    out(postgres, { networks: members }, "replication, base backups and rewinding"),
    out(rest, { networks: members }, "Patroni asks the others"),
    out(etcdClient, { networks: voters }, "keys of Patroni"),
  ];
  const onwards = hasAgent(spec) ? towards(members, voters, replicas, readWrite) : noWays;
  return [
    {
      name: "load-balancer",
      rules: [
        into(readWrite, { networks: clients }, "clients of the leader"),
        into(readOnly, { networks: clients }, "clients of standbys"),
        ...(replicas.length === 0
          ? []
          : [into(endpoint.ports.replicas, { networks: clients }, "clients of read replicas")]),
        ...onwards.endpoint,
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
        ...ofActions([postgres, rest], [...operators, ...hops]),
        ...login,
        ...ofPatroni,
        ...otherClusters(spec, clients),
        ...onwards.fromMembers,
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
        ...ofActions([etcdClient], [...operators, ...hops]),
        ...login,
        out(etcdPeer, { networks: voters }, "voters among themselves"),
        ...onwards.fromVoters,
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
        ...ofActions([postgres, rest], [...operators, ...hops]),
        ...login,
        ...ofPatroni,
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

const [ssh, postgres, rest, etcdClient, etcdPeer] = [22, 5432, 8008, 2379, 2380] as const;

function actionsAt(port: number): string {
  if (port === ssh) return "actions log in";
  return port === postgres ? "actions, and clients that know all members" : "actions";
}

interface OnwardRules {
  readonly endpoint: readonly GroupRule[];
  readonly fromMembers: readonly GroupRule[];
  readonly fromVoters: readonly GroupRule[];
}

const noWays: OnwardRules = { endpoint: [], fromMembers: [], fromVoters: [] };

/** What actions go on to from any machine of the cluster that a session leads to. */
function towards(
  members: readonly string[],
  voters: readonly string[],
  replicas: readonly StandingReplica[],
  endpoint: number,
): OnwardRules {
  const why = "actions, from a session";
  const hops = { networks: [...voters, ...members] };
  const reading = only(replicas);
  const common = [
    out(ssh, hops, why),
    out(endpoint, { group: "load-balancer" }, why),
    ...reading.flatMap((networks) => [out(ssh, networks, why), out(postgres, networks, why)]),
  ];
  return {
    endpoint: [into(endpoint, hops, why)],
    // Patroni there asks read replicas in any case.
    fromMembers: common,
    fromVoters: [
      ...reading.map((networks) => out(rest, networks, why)),
      out(postgres, { networks: members }, why),
      out(rest, { networks: members }, why),
      out(etcdClient, { networks: voters }, why),
      ...common,
    ],
  };
}

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
