import { describe, expect, it } from "vitest";
import { readSpec } from "../../cluster/schema/spec.ts";
import { specification } from "./specifications.ts";
import { overZones, without, zones } from "./zone-specifications.ts";

type Row = readonly [title: string, written: object, path: string, message: string, remedy: string];

const two = zones("ab");
const witness = { witness: true };
const gone = { available: false };
const own = "Give each zone its own.";
const together = "is that of placement.zones[0] as well: zones fail together that are one host";
const probe = "and run `spiloctl zones probe --write`";
const more = "Add members, voters or a zone, or set placement.mode to zonal.";
const asFallback =
  `Bring it back, ${probe}; or set placement.fallbackToSameZone to true: ` +
  "then all stands in the other zones until it is back.";

/** Each with one thing wrong, and what is said of it. */
const rows: readonly Row[] = [
  [
    "several zones in a zonal cluster",
    { placement: { zones: two } },
    "placement.zones",
    "lists 2 zones, but placement.mode is zonal",
    "Set placement.mode to cross-zone, or leave one zone in the list.",
  ],
  [
    "a witness without anybody else",
    { placement: { zones: [witness] } },
    "placement.zones[0].witness",
    "holds no data, and no other zone is there",
    "Remove it.",
  ],
  [
    "a fallback to the one zone that there is",
    { placement: { fallbackToSameZone: true } },
    "placement.fallbackToSameZone",
    "has no use while placement.mode is zonal: there is one zone already",
    "Remove it, or set placement.mode to cross-zone.",
  ],
  ["two zones of one name", overZones("ab", { b: { name: "a" } }), "placement.zones[1].name", together, own],
  [
    "two zones that are one engine",
    overZones("ab", { b: { host: "ssh://db-a" } }),
    "placement.zones[1].host",
    together,
    own,
  ],
  [
    "two zones with one address",
    overZones("abw", { w: { ...witness, address: "10.1.0.1" } }),
    "placement.zones[2].address",
    together,
    own,
  ],
  [
    "a zone of several whose address is not known",
    overZones("ab", { b: { address: undefined } }),
    "placement.zones[1].address",
    "missing: parts of other zones have to reach zone b",
    "Write the host's address, such as address: 10.1.0.10.",
  ],
  [
    "certificates for an engine that is reached by ssh",
    overZones("ab", { b: { certificates: "/etc/docker/b" } }),
    "placement.zones[1].certificates",
    "is of no use for ssh://db-b: only tcp:// is reached with TLS",
    "Remove it, or set host to tcp://host:2376.",
  ],
  [
    "certificates for this host's own engine",
    { placement: { zones: [{ certificates: "/etc/docker/client" }] } },
    "placement.zones[0].certificates",
    "is of no use for unix:///var/run/docker.sock: only tcp:// is reached with TLS",
    "Remove it, or set host to tcp://host:2376.",
  ],
  [
    "names that make a host's name too long",
    { name: "o".repeat(40), ...overZones("ab", { b: { name: "fifteen-letters" } }) },
    "placement.zones[1].name",
    "has 15 characters: with the cluster's name, host names would be longer than 63",
    "Choose one of 14 characters at most.",
  ],
  [
    "a leader in a zone that is none",
    overZones("ab", {}, { primaryZone: "c" }),
    "placement.primaryZone",
    "is none of placement.zones",
    "Set it to a or b, or remove it.",
  ],
  [
    "a leader beside a witness",
    overZones("abw", { w: witness }, { primaryZone: "w" }),
    "placement.primaryZone",
    "is a witness: no member stands there",
    "Set it to a or b, or remove it.",
  ],
  [
    "a single zone with data",
    overZones("aw", { w: witness }),
    "placement.mode",
    "needs two zones that hold data",
    "Add a zone to placement.zones, or set mode to zonal.",
  ],
  [
    "a single member over several zones",
    { ...overZones("abc"), members: 1 },
    "placement.mode",
    "survives the loss of no zone with members (zone a: all members stand in it)",
    more,
  ],
  [
    "two zones both of which are needed",
    { ...overZones("ab"), members: 2, synchronous: { durability: "required" } },
    "placement.mode",
    "survives the loss of no zone with members (zone a: 2 of 3 voters stand in it; " +
      "zone b: no standby is left that could have a commit)",
    more,
  ],
  [
    "a zone that cannot be had",
    overZones("abc", { b: gone }),
    "placement.zones[1].available",
    "zone b cannot be had, and what belongs there may not stand elsewhere",
    asFallback,
  ],
  [
    "zones that cannot be had, a witness among them",
    overZones("abw", { b: gone, w: { ...witness, ...gone } }),
    "placement.zones[1].available",
    "zone b and zone w cannot be had, and what belongs there may not stand elsewhere",
    asFallback,
  ],
  [
    "data nowhere, whatever may stand elsewhere",
    overZones("abw", { a: gone, b: gone, w: witness }, { fallbackToSameZone: true }),
    "placement.zones[0].available",
    "no zone that holds data can be had",
    `Bring one back, ${probe}.`,
  ],
  [
    "the one zone that there is, when it cannot be had",
    { placement: { zones: [gone] } },
    "placement.zones[0].available",
    "no zone that holds data can be had",
    `Bring one back, ${probe}.`,
  ],
  [
    "a port of the endpoint that a part may have",
    { ...overZones("ab"), network: { firstPort: 5000 }, endpoint: { ports: { readWrite: 5100 } } },
    "endpoint.ports.readOnly",
    "is among the ports that the cluster's own parts use, 5000 to 5099",
    "Choose another one, or set network.firstPort.",
  ],
  [
    "a pooler's port that a part may have",
    { ...overZones("ab"), network: { firstPort: 6333 }, endpoint: { pooled: true } },
    "endpoint.ports.pooled",
    "is among the ports that the cluster's own parts use, 6333 to 6432",
    "Choose another one, or set network.firstPort.",
  ],
  [
    "an address that a host has already",
    { ...overZones("ab"), endpoint: { vip: "10.1.0.2" } },
    "endpoint.vip",
    "is the address of zone b's host, and would move away from it",
    "Choose a free one in the same network, or remove it.",
  ],
  [
    "an address that a witness has already",
    { ...overZones("abw", { w: witness }), endpoint: { vip: "10.1.0.23" } },
    "endpoint.vip",
    "is the address of zone w's host, and would move away from it",
    "Choose a free one in the same network, or remove it.",
  ],
  [
    "an address that cannot move so far",
    { ...overZones("ab", { b: { address: "10.2.0.2" } }), endpoint: { vip: "10.1.0.200" } },
    "endpoint.vip",
    "cannot move to zone b, whose host is in another network (10.2.0.2)",
    "Remove it: each zone has a proxy, and the connection strings name them all.",
  ],
];

describe("a placement with one thing wrong is refused for", () => {
  it.each(rows)("%s", (_title, written, path, message, remedy) => {
    expect(toldOf(written)).toEqual([[path, message, remedy]]);
  });
});

describe("a placement that is right is", () => {
  const sound: readonly (readonly [title: string, written: object])[] = [
    ["two zones with three members", overZones("ab")],
    ["two zones and a witness", overZones("abw", { w: witness }, { primaryZone: "b" })],
    ["nine zones with nine members", { ...overZones("abcdefghi"), members: 9 }],
    ["a zone less for a while", without("b", "abc")],
    ["a zone and its witness for a while", without("b", "abw")],
    ["an engine that is reached with TLS", overZones("ab", { b: tls() })],
    ["one zone that is reached with TLS", { placement: { zones: [tls()] } }],
    ["one zone that the leader belongs in", { placement: { primaryZone: "local" } }],
    ["an address that moves within one network", { ...overZones("ab"), endpoint: { vip: "10.1.0.200" } }],
    [
      "a witness in another network than that address",
      { ...overZones("abw", { w: { ...witness, address: "10.9.0.1" } }), endpoint: { vip: "10.1.0.200" } },
    ],
    [
      "names of as many letters as fit",
      { name: "o".repeat(40), ...overZones("ab", { b: { name: "rack-14-oslo-7" } }) },
    ],
    [
      "ports beside those of the parts",
      { ...overZones("ab"), network: { firstPort: 5002 }, endpoint: { ports: { pooled: 5050 } } },
    ],
  ];

  it.each(sound)("%s", (_title, written) => {
    expect(toldOf(written)).toEqual([]);
  });
});

describe("of zones that are broken in several ways", () => {
  it("each is told, and nothing that follows from what is not known", () => {
    const broken = overZones("abc", { b: { name: "a", address: undefined }, c: { host: "ssh://db-a" } });
    expect(toldOf({ ...broken, endpoint: { vip: "10.1.0.200" } }).map(([path]) => path)).toEqual([
      "placement.zones[1].name",
      "placement.zones[2].host",
      "placement.zones[1].address",
    ]);
  });

  it("no leader's zone is proposed where there is none", () => {
    const [told] = toldOf(overZones("ab", { a: witness, b: witness }, { primaryZone: "a" }));
    expect(told).toEqual(["placement.primaryZone", "is a witness: no member stands there", "Remove it."]);
  });
});

describe("the first of a cluster's ports", () => {
  it("follows from its name, below those that a kernel gives away, and is another for most others", () => {
    const names = Array.from({ length: 60 }, (_, index) => `cluster-${index}`);
    const ports = names.map((name) => specification({ name }).network.firstPort);
    for (const port of ports) {
      expect(port % 100).toBe(0);
      expect(port).toBeGreaterThanOrEqual(20_000);
      expect(port).toBeLessThanOrEqual(31_900);
    }
    expect(new Set(ports).size).toBeGreaterThan(30);
  });
});

function tls() {
  return { host: "tcp://10.1.0.2:2376", certificates: "/etc/docker/client" };
}

function toldOf(written: object): readonly (readonly string[])[] {
  return readSpec({ name: "dev", ...written }).issues.map(({ path, message, remedy }) => [
    path,
    message,
    remedy,
  ]);
}
