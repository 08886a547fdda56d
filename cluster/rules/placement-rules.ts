import { andList } from "../and-list.ts";
import { spread } from "../placement/placement.ts";
import { portsOfCluster } from "../placement/ports.ts";
import { survivesAnyZone, zoneLosses } from "../placement/zone-loss.ts";
import type { ClusterSpec } from "../schema/cluster-spec.ts";
import type { SpecIssue } from "../schema/spec-error.ts";
import type { Rule } from "./rule.ts";

type Zones = ClusterSpec["placement"]["zones"];

const zones = "placement.zones";

/** Zones against one another, and against what is to stand in them. */
export const placementRules: readonly Rule[] = [
  { reads: ["placement.mode", zones], check: zonalHasOneZone },
  { reads: ["placement.mode", zones], on: "docker", check: zonesDiffer },
  { reads: ["placement.mode", zones], on: "docker", check: addressesAreKnown },
  { reads: [zones], on: "docker", check: certificatesAreForTcp },
  { reads: ["placement.mode", zones, "name"], check: namesFit },
  { reads: ["placement"], check: primaryZoneHoldsData },
  { reads: ["placement", "members", "etcd.voters", "synchronous"], check: someZoneMayBeLost },
  { reads: ["placement", "platform"], check: zonesCanBeHad },
  {
    reads: ["placement.mode", "endpoint.ports", "endpoint.pooled", "replicas", "network.firstPort"],
    on: "docker",
    check: portsAreFree,
  },
  { reads: ["placement.mode", zones, "endpoint.vip"], on: "docker", check: virtualAddressIsNear },
];

function zonalHasOneZone({ placement }: ClusterSpec): readonly SpecIssue[] {
  if (placement.mode !== "zonal") return [];
  const [first, ...more] = placement.zones;
  if (more.length > 0) {
    return [
      {
        path: zones,
        message: `lists ${placement.zones.length} zones, but placement.mode is zonal`,
        remedy: "Set placement.mode to cross-zone, or leave one zone in the list.",
      },
    ];
  }
  const issues: SpecIssue[] = [];
  if (first?.witness) {
    const message = "holds no data, and no other zone is there";
    issues.push({ path: `${zones}[0].witness`, value: true, message, remedy: "Remove it." });
  }
  if (placement.fallbackToSameZone) {
    const message = "has no use while placement.mode is zonal: there is one zone already";
    const remedy = "Remove it, or set placement.mode to cross-zone.";
    issues.push({ path: "placement.fallbackToSameZone", value: true, message, remedy });
  }
  return issues;
}

/** Each zone fails by itself only if it is a host of its own, known by a name and an address of its own. */
function zonesDiffer({ placement }: ClusterSpec): readonly SpecIssue[] {
  if (placement.mode === "zonal") return [];
  return (["name", "host", "address"] as const).flatMap((key) => twice(placement.zones, key));
}

function twice(list: Zones, key: "name" | "host" | "address"): readonly SpecIssue[] {
  return list.flatMap((zone, index) => {
    const value = zone[key];
    const first = list.findIndex((other) => other[key] === value);
    if (value === undefined || first === index) return [];
    const message = `is that of ${zones}[${first}] as well: zones fail together that are one host`;
    return [{ path: `${zones}[${index}].${key}`, value, message, remedy: "Give each zone its own." }];
  });
}

function addressesAreKnown({ placement }: ClusterSpec): readonly SpecIssue[] {
  if (placement.mode === "zonal") return [];
  return placement.zones.flatMap((zone, index) => {
    if (zone.address !== undefined) return [];
    const message = `missing: parts of other zones have to reach zone ${zone.name}`;
    const remedy = "Write the host's address, such as address: 10.1.0.10.";
    return [{ path: `${zones}[${index}].address`, message, remedy }];
  });
}

function certificatesAreForTcp({ placement }: ClusterSpec): readonly SpecIssue[] {
  return placement.zones.flatMap(({ host, certificates }, index) => {
    if (certificates === undefined || host.startsWith("tcp:")) return [];
    const path = `${zones}[${index}].certificates`;
    const message = `is of no use for ${host}: only tcp:// is reached with TLS`;
    return [{ path, value: certificates, message, remedy: "Remove it, or set host to tcp://host:2376." }];
  });
}

/** A host name has 63 characters at most, and the longest is a proxy's. */
function namesFit({ name, placement }: ClusterSpec): readonly SpecIssue[] {
  if (placement.mode === "zonal") return [];
  const most = 63 - `${name}-proxy-1-`.length;
  return placement.zones.flatMap((zone, index) => {
    if (zone.name.length <= most) return [];
    const message = `has ${zone.name.length} characters: with the cluster's name, host names would be longer than 63`;
    const path = `${zones}[${index}].name`;
    return [{ path, value: zone.name, message, remedy: `Choose one of ${most} characters at most.` }];
  });
}

function primaryZoneHoldsData({ placement }: ClusterSpec): readonly SpecIssue[] {
  const { primaryZone } = placement;
  if (primaryZone === undefined) return [];
  const data = placement.zones.filter(({ witness }) => !witness).map(({ name }) => name);
  if (data.includes(primaryZone)) return [];
  const declared = placement.zones.some(({ name }) => name === primaryZone);
  const message = declared ? "is a witness: no member stands there" : "is none of placement.zones";
  const remedy = data.length === 0 ? "Remove it." : `Set it to ${data.join(" or ")}, or remove it.`;
  return [{ path: "placement.primaryZone", value: primaryZone, message, remedy }];
}

/** Of the zones as they are declared, whether they can be had or not. */
function someZoneMayBeLost({ placement, members, etcd, synchronous }: ClusterSpec): readonly SpecIssue[] {
  if (placement.mode === "zonal") return [];
  const issue = (message: string, remedy: string) => [
    { path: "placement.mode", value: "cross-zone", message, remedy },
  ];
  const data = placement.zones.filter(({ witness }) => !witness);
  if (data.length < 2) {
    return issue("needs two zones that hold data", "Add a zone to placement.zones, or set mode to zonal.");
  }
  // Told already, and nothing can be told apart in them.
  if (twice(placement.zones, "name").length > 0) return [];
  if (etcd.voters === 1) {
    const remedy = "Set etcd.voters to 3, or placement.mode to zonal.";
    return issue("needs three etcd voters: a single one can stand in one zone, and in no other", remedy);
  }
  const shares = spread({ zones: placement.zones, members, voters: etcd.voters });
  const losses = zoneLosses(shares, synchronous);
  if (survivesAnyZone(losses, shares)) return [];
  const reasons = losses.flatMap(({ zone, because }) =>
    because === undefined ? [] : [`zone ${zone}: ${because}`],
  );
  return issue(
    `survives the loss of no zone with members (${reasons.join("; ")})`,
    "Add members, voters or a zone, or set placement.mode to zonal.",
  );
}

/** Said before anything is made, as nothing of it would be taken back. */
function zonesCanBeHad({ placement, platform }: ClusterSpec): readonly SpecIssue[] {
  const gone = placement.zones.flatMap((zone, index) => (zone.available ? [] : [{ zone, index }]));
  const [first] = gone;
  if (first === undefined) return [];
  const path = `${zones}[${first.index}].available`;
  const names = andList(gone.map(({ zone }) => `zone ${zone.name}`));
  if (placement.zones.every(({ available, witness }) => witness || !available)) {
    const remedy =
      platform === "aws"
        ? "Set it to true when it is back."
        : "Bring one back, and run `spiloctl zones probe --write`.";
    return [{ path, value: false, message: "no zone that holds data can be had", remedy }];
  }
  if (placement.fallbackToSameZone) return [];
  return [
    {
      path,
      value: false,
      message: `${names} cannot be had, and what belongs there may not stand elsewhere`,
      remedy:
        (platform === "aws"
          ? "Set it to true when it is back"
          : "Bring it back, and run `spiloctl zones probe --write`") +
        "; or set placement.fallbackToSameZone to true: " +
        "then all stands in the other zones until it is back.",
    },
  ];
}

function portsAreFree(spec: ClusterSpec): readonly SpecIssue[] {
  const { placement, endpoint, network, replicas: readers } = spec;
  const { firstPort } = network;
  if (placement.mode === "zonal") return [];
  const { pooled, replicas, ...others } = endpoint.ports;
  const pool = endpoint.pooled ? { pooled } : {};
  const used = { ...others, ...pool, ...(readers.length === 0 ? {} : { replicas }) };
  return Object.entries(used).flatMap(([name, port]) => {
    if (port < firstPort || port >= firstPort + portsOfCluster) return [];
    const last = firstPort + portsOfCluster - 1;
    const message = `is among the ports that the cluster's own parts use, ${firstPort} to ${last}`;
    const remedy = "Choose another one, or set network.firstPort.";
    return [{ path: `endpoint.ports.${name}`, value: port, message, remedy }];
  });
}

/** An address moves by ARP, which goes no further than a network does. */
function virtualAddressIsNear({ placement, endpoint: { vip } }: ClusterSpec): readonly SpecIssue[] {
  if (placement.mode === "zonal" || vip === undefined) return [];
  const data = placement.zones.filter(({ witness }) => !witness);
  const path = "endpoint.vip";
  const same = placement.zones.find(({ address }) => address === vip);
  if (same !== undefined) {
    const message = `is the address of zone ${same.name}'s host, and would move away from it`;
    return [{ path, value: vip, message, remedy: "Choose a free one in the same network, or remove it." }];
  }
  const far = data.find(({ address = vip }) => networkOf(address) !== networkOf(vip));
  if (far === undefined) return [];
  const message = `cannot move to zone ${far.name}, whose host is in another network (${far.address})`;
  const remedy = "Remove it: each zone has a proxy, and the connection strings name them all.";
  return [{ path, value: vip, message, remedy }];
}

/** The /24 of an address: networks that are larger are rare between hosts. */
function networkOf(address: string): string {
  return address.slice(0, address.lastIndexOf("."));
}
