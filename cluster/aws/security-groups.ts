import type { ClusterSpec } from "../schema/cluster-spec.ts";
import type { AwsNetworkPlan, GroupPlan, GroupRule } from "./aws-plan.ts";
import { memberNetworksIn, voterNetworksIn } from "./network.ts";
import { hasAgent, operatorsOf } from "./reach.ts";

/**
 * Who may talk to whom: one rule for each port and party, and nothing else is let through, in or out. Parties that are
 * machines are named by all addresses that they may ever have, so that scaling changes no rule.
 */
export function planGroups(spec: ClusterSpec, network: AwsNetworkPlan): readonly GroupPlan[] {
  const { aws, endpoint } = spec;
  const members = network.zones.filter(({ serves }) => serves).flatMap(memberNetworksIn);
  const voters = network.zones.flatMap(voterNetworksIn);
  const clients = aws?.clients ?? [network.cidr];
  const { readWrite, readOnly } = endpoint.ports;
  // From outside, or from a machine of the cluster's that a session leads to.
  const operators = operatorsOf(spec, network);
  const hops = hasAgent(spec) ? voters : [];
  // AWS takes no rule twice: what members may do among themselves, they may in any case.
  const ofActions = (ports: readonly number[], networks: readonly string[]): readonly GroupRule[] =>
    networks.length === 0 ? [] : ports.map((port) => into(port, { networks }, actionsAt(port)));
  const login = ofActions([ssh], [...operators, ...hops, ...(hasAgent(spec) ? members : [])]);
  const onwards = hasAgent(spec) ? towards(members, voters, readWrite) : noWays;
  return [
    {
      name: "load-balancer",
      rules: [
        into(readWrite, { networks: clients }, "clients of the leader"),
        into(readOnly, { networks: clients }, "clients of replicas"),
        ...onwards.endpoint,
        out(postgres, { networks: members }, "their connections"),
        out(rest, { networks: members }, "checks: who leads, who is a replica"),
      ],
    },
    {
      name: "members",
      rules: [
        into(postgres, { group: "load-balancer" }, "clients' connections"),
        into(rest, { group: "load-balancer" }, "checks: who leads, who is a replica"),
        into(postgres, { networks: members }, "replication, base backups and rewinding"),
        into(rest, { networks: members }, "Patroni asks the others"),
        ...ofActions([postgres, rest], [...operators, ...hops]),
        ...login,
        out(postgres, { networks: members }, "replication, base backups and rewinding"),
        out(rest, { networks: members }, "Patroni asks the others"),
        out(etcdClient, { networks: voters }, "Patroni's keys"),
        ...onwards.fromMembers,
        ...outside,
      ],
    },
    {
      name: "voters",
      rules: [
        into(etcdClient, { group: "members" }, "Patroni's keys"),
        into(etcdPeer, { networks: voters }, "voters among themselves"),
        ...ofActions([etcdClient], [...operators, ...hops]),
        ...login,
        out(etcdPeer, { networks: voters }, "voters among themselves"),
        ...onwards.fromVoters,
        ...outside,
      ],
    },
  ];
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
function towards(members: readonly string[], voters: readonly string[], endpoint: number): OnwardRules {
  const why = "actions, from a session";
  const all = { networks: [...voters, ...members] };
  const common = [out(ssh, all, why), out(endpoint, { group: "load-balancer" }, why)];
  return {
    endpoint: [into(endpoint, all, why)],
    fromMembers: common,
    fromVoters: [
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
