import type { ClusterSpec } from "../schema/cluster-spec.ts";
import type { SpecIssue } from "../schema/spec-error.ts";
import { checkEndpointAddress } from "./endpoint-rules.ts";
import type { Rule } from "./rule.ts";

/** The endpoint's address in its network, and the pooler's port beside the other two. */
export const vipRules: readonly Rule[] = [
  {
    reads: ["endpoint.vip", "network.subnet", "name", "placement.mode"],
    on: "docker",
    check: ({ endpoint: { vip }, network: { subnet }, placement }) =>
      placement.mode === "zonal" && vip !== undefined ? checkEndpointAddress(vip, subnet) : [],
  },
  { reads: ["endpoint.ports", "endpoint.pooled"], check: pooledPortDiffers },
];

function pooledPortDiffers({ endpoint: { pooled, ports } }: ClusterSpec): readonly SpecIssue[] {
  if (!pooled) return [];
  const others = { readWrite: ports.readWrite, readOnly: ports.readOnly };
  const same = Object.entries(others).find(([, port]) => port === ports.pooled)?.[0];
  if (same === undefined) return [];
  return [
    {
      path: "endpoint.ports.pooled",
      value: ports.pooled,
      message: `is the port of endpoint.ports.${same}, at which no pooler stands between`,
      remedy: "Choose another port for one of them, such as 6433.",
    },
  ];
}
