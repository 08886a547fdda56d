import { endpointAddress, placeIn } from "../placement/addresses.ts";
import type { ClusterSpec } from "../schema/cluster-spec.ts";
import type { SpecIssue } from "../schema/spec-error.ts";
import type { Rule } from "./rule.ts";

/** The address and the ports that clients use, against each other and against the network. */
export const endpointRules: readonly Rule[] = [
  { reads: ["endpoint.ports"], check: portsDiffer },
  { reads: ["endpoint.ports", "endpoint.pooled", "replicas"], check: replicasPortDiffers },
  { reads: ["network.subnet"], check: networkIsFree },
  { reads: ["endpoint.names", "name"], check: namesAreNoParts },
];

function portsDiffer({ endpoint: { ports } }: ClusterSpec): readonly SpecIssue[] {
  if (ports.readWrite !== ports.readOnly) return [];
  return [
    {
      path: "endpoint.ports.readOnly",
      value: ports.readOnly,
      message: "is the port of endpoint.ports.readWrite; they lead to different members",
      remedy: "Choose another port for one of them, such as 5001.",
    },
  ];
}

function replicasPortDiffers({ endpoint: { ports, pooled }, replicas }: ClusterSpec): readonly SpecIssue[] {
  if (replicas.length === 0) return [];
  const { replicas: own, pooled: pool, ...others } = ports;
  const used = { ...others, ...(pooled ? { pooled: pool } : {}) };
  const same = Object.entries(used).find(([, port]) => port === own)?.[0];
  if (same === undefined) return [];
  return [
    {
      path: "endpoint.ports.replicas",
      value: own,
      message: `is the port of endpoint.ports.${same}, which leads elsewhere`,
      remedy: "Choose another port for one of them, such as 5002.",
    },
  ];
}

/** Engines give 172.17.0.0/16 to their own bridge, and refuse a network that overlaps with another. */
function networkIsFree({ network: { subnet } }: ClusterSpec): readonly SpecIssue[] {
  if (!subnet.startsWith("172.17.")) return [];
  return [
    {
      path: "network.subnet",
      value: subnet,
      message: "lies in 172.17.0.0/16, which Docker engines have for their own bridge",
      remedy: "Choose a free one such as 10.90.7.0/24, or remove the key.",
    },
  ];
}

/** A part is known by its name: with another's in its certificate it could pass for that. */
function namesAreNoParts({ name, endpoint: { names } }: ClusterSpec): readonly SpecIssue[] {
  const part = new RegExp(
    `^(${name}-((([1-9]|etcd-[1-9]|proxy-[1-9])(-[a-z0-9-]+)?)|replica-[a-z0-9-]+|s3|operator)|localhost)$`,
  );
  return names.flatMap((written, index) => {
    if (!part.test(written)) return [];
    return [
      {
        path: `endpoint.names[${index}]`,
        value: written,
        message: "is the name of one part, and the certificates of several would carry it",
        remedy: "Remove it, or choose another one such as db.example.org.",
      },
    ];
  });
}

/**
 * What is wrong with the address that clients are to use: it has to be in the cluster's subnet, at a place that
 * nothing else has or may get.
 *
 * @param address an IPv4 address, checked in form.
 */
export function checkEndpointAddress(address: string, subnet: string): readonly SpecIssue[] {
  const place = placeIn(subnet, address);
  const usual = endpointAddress(subnet);
  const issue = (message: string) => [
    {
      path: "endpoint.vip",
      value: address,
      message,
      remedy: `Set it to ${usual}, or remove it: then it is that.`,
    },
  ];
  if (place === undefined) return issue(`is not in network.subnet, which is ${subnet}`);
  const taken = takenPlaces.find(({ from, to }) => place >= from && place <= to);
  return taken === undefined ? [] : issue(`is ${taken.by}`);
}

const takenPlaces = [
  { from: 0, to: 0, by: "the network itself" },
  { from: 1, to: 1, by: "the host's own address in the network" },
  { from: 11, to: 19, by: "kept for the members" },
  { from: 21, to: 29, by: "kept for the proxies" },
  { from: 31, to: 37, by: "kept for the voters" },
  { from: 41, to: 41, by: "kept for the S3 server" },
  { from: 51, to: 63, by: "kept for the read replicas" },
  { from: 128, to: 255, by: "in the part that the engine gives away" },
] as const;
