import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ClusterPlan, type PartPlan, planCluster } from "../../cluster/index.ts";
import { addressIn, crossZone, overZones, without } from "./zone-specifications.ts";

const witness = { witness: true };
/** Of a cluster `dev`: its first port. */
const port = 31_600;

describe("a plan over three zones", () => {
  const plan = planCluster(crossZone(overZones("abc", {}, { primaryZone: "b" })));

  it("names every part by its index and its zone, at the address of its host", () => {
    expect(partsOf(plan).map(whereOf)).toEqual([
      "dev-etcd-1-a 10.1.0.1",
      "dev-etcd-2-b 10.1.0.2",
      "dev-etcd-3-c 10.1.0.3",
      "dev-1-a 10.1.0.1",
      "dev-2-b 10.1.0.2",
      "dev-3-c 10.1.0.3",
      "dev-proxy-1-a 10.1.0.1",
      "dev-proxy-2-b 10.1.0.2",
      "dev-proxy-3-c 10.1.0.3",
      "dev-s3 10.1.0.1",
    ]);
    expect(plan.members.map(({ volume }) => volume)).toEqual([
      "dev-1-a-data",
      "dev-2-b-data",
      "dev-3-c-data",
    ]);
    expect(plan.voters.map(({ volume }) => volume)).toContain("dev-etcd-2-b-data");
  });

  it("has ports for each part in the cluster's own block, and no network", () => {
    expect(plan.network).toBeUndefined();
    expect(plan.members[1]).toMatchObject({
      postgres: { host: "10.1.0.2", port: port + 2 },
      rest: { host: "10.1.0.2", port: port + 12 },
      activityPort: port + 22,
    });
    expect(plan.voters[2]).toMatchObject({
      client: { host: "10.1.0.3", port: port + 33 },
      peer: { host: "10.1.0.3", port: port + 43 },
      instead: [
        { host: "10.1.0.1", port: port + 43 },
        { host: "10.1.0.2", port: port + 43 },
      ],
    });
    expect(plan.archive).toMatchObject({
      endpoint: `https://10.1.0.1:${port + 51}`,
      own: true,
      server: { zone: "a", listen: { host: "10.1.0.1", port: port + 51 } },
    });
  });

  it("has the ports begin where the user says", () => {
    const { members, voters } = planCluster(crossZone(overZones("abc"), { network: { firstPort: 7000 } }));
    expect([members[0]?.postgres.port, members[0]?.rest.port, voters[0]?.peer.port]).toEqual([
      7001, 7011, 7041,
    ]);
  });

  it("says where it stands, and which zones there are", () => {
    expect(plan.placement).toEqual({
      mode: "cross-zone",
      standing: "cross-zone",
      primaryZone: "b",
      fallbackToSameZone: false,
    });
    const certificates = "/etc/docker/client";
    const change = { a: { host: "tcp://10.1.0.1:2376", certificates }, w: witness };
    expect(planCluster(crossZone(overZones("abw", change))).zones).toEqual([
      { name: "a", host: "tcp://10.1.0.1:2376", certificates, address: "10.1.0.1", ...there },
      { name: "b", host: "ssh://db-b", address: "10.1.0.2", ...there },
      { name: "w", host: "ssh://db-w", address: "10.1.0.23", ...there, witness: true },
    ]);
  });

  it("lets clients at every proxy, and has the proxies share no address", () => {
    expect(plan.endpoint).toEqual({
      address: "10.1.0.1",
      hosts: ["10.1.0.1", "10.1.0.2", "10.1.0.3"],
      readWritePort: 5000,
      readOnlyPort: 5001,
    });
    for (const proxy of plan.proxies) expect(proxy).not.toHaveProperty("vrrp");
  });

  it("tells each proxy of every member that there may ever be, and of its zone", () => {
    const [small, large] = [2, 9].map(
      (members) => planCluster(crossZone(overZones("abc"), { members })).proxies,
    );
    expect(small).toEqual(large);
    expect(small?.[1]?.servers).toHaveLength(9);
    expect(small?.[1]?.servers[4]).toEqual({
      name: "dev-5-b",
      zone: "b",
      postgres: { host: "10.1.0.2", port: port + 5 },
      rest: { host: "10.1.0.2", port: port + 15 },
    });
  });

  it("lets members and proxies in by the hosts that they may ever stand on, and others from anywhere", () => {
    const hosts = ["10.1.0.1/32", "10.1.0.2/32", "10.1.0.3/32"];
    const admission = { members: hosts, proxies: hosts, others: "all" };
    expect(plan.admission).toEqual(admission);
    expect(planCluster(crossZone(without("b", "abc"), { members: 5 })).admission).toEqual(admission);
    const withWitness = planCluster(crossZone(overZones("abw", { w: witness }))).admission;
    expect(withWitness.members).toEqual(["10.1.0.1/32", "10.1.0.2/32"]);
  });

  it("has a certificate for each part by which it is known at its host, and a member at every proxy's", () => {
    for (const part of partsOf(plan)) {
      expect(part.certificate.commonName).toBe(part.name);
      expect(part.certificate.dnsNames).toContain(part.name);
      expect(part.certificate.addresses[0]).toBe(part.address);
    }
    for (const { certificate } of plan.members) {
      expect(certificate.addresses.toSorted()).toEqual(["10.1.0.1", "10.1.0.2", "10.1.0.3"]);
    }
    expect(plan.proxies.map(({ certificate }) => certificate.addresses)).toEqual([
      ["10.1.0.1"],
      ["10.1.0.2"],
      ["10.1.0.3"],
    ]);
  });

  it("survives any one of them, but for the archive", () => {
    expect(plan.survives).toEqual([
      "any one member",
      "any one etcd voter",
      "any one of three zones",
      "not its archive when zone a is lost: the S3 server stands there",
    ]);
    const backup = { endpoint: "https://s3.example" };
    const elsewhere = planCluster(crossZone(overZones("abc"), { backup }));
    expect(elsewhere.survives.filter((sentence) => sentence.includes("archive"))).toEqual([]);
  });
});

describe("of five members over three zones", () => {
  const members = 5;
  const plan = planCluster(crossZone(overZones("abc"), { members }));

  it("one in each zone has synchronous commits, and the others are copies", () => {
    expect(plan.members.map(({ name, synchronous }) => [name, synchronous])).toEqual([
      ["dev-1-a", true],
      ["dev-2-b", true],
      ["dev-3-c", true],
      ["dev-4-a", false],
      ["dev-5-b", false],
    ]);
  });

  it("those move whose zone cannot be had, and no others", () => {
    const now = planCluster(crossZone(without("b", "abc"), { members }));
    expect(now.members.map(({ name, synchronous }) => [name, synchronous])).toEqual([
      ["dev-1-a", true],
      ["dev-2-c", false],
      ["dev-3-c", true],
      ["dev-4-a", false],
      ["dev-5-c", false],
    ]);
    expect(now.voters.map(({ name }) => name)).toEqual(["dev-etcd-1-a", "dev-etcd-2-a", "dev-etcd-3-c"]);
  });
});

describe("a witness", () => {
  const plan = planCluster(crossZone(overZones("wab", { w: witness }), { etcd: { voters: 5 }, members: 4 }));

  it("holds voters and nothing else, wherever it is declared", () => {
    const inZone = partsOf(plan).filter(({ zone }) => zone === "w");
    expect(inZone.map(({ name }) => name)).toEqual(["dev-etcd-3-w"]);
    expect(plan.endpoint.hosts).toEqual(["10.1.0.1", "10.1.0.2"]);
    expect(plan.archive.server?.zone).toBe("a");
  });

  it("keeps two zones from being lost with either of them", () => {
    expect(plan.survives).toContain("any one of three zones");
  });
});

describe("a plan while a zone cannot be had", () => {
  const whole = planCluster(crossZone(overZones("abc")));
  const placed = (gone: string) => planCluster(crossZone(without(gone, "abc")));

  it("has no part there, and as many members and voters as ever", () => {
    const plan = placed("b");
    expect(partsOf(plan).filter(({ zone, address }) => zone === "b" || address === addressIn("b"))).toEqual(
      [],
    );
    expect([plan.members.length, plan.voters.length]).toEqual([3, 3]);
    expect(plan.zones.map(({ name, available }) => [name, available])).toEqual([
      ["a", true],
      ["b", false],
      ["c", true],
    ]);
    expect(plan.placement).toMatchObject({ mode: "cross-zone", standing: "cross-zone" });
  });

  it("stands in a single zone when that is all there is, with synchronous commit between all members", () => {
    const plan = placed("ab");
    expect(plan.placement.standing).toBe("zonal");
    expect(plan.members.map(({ name, synchronous }) => [name, synchronous])).toEqual([
      ["dev-1-c", true],
      ["dev-2-c", true],
      ["dev-3-c", true],
    ]);
    expect(plan.survives).toEqual([
      "any one member",
      "any one etcd voter",
      "not the loss of zone c: 3 of 3 voters stand in it",
      "not its archive when zone a is lost: the S3 server stands there",
      "without zone a, zone b, which cannot be had",
    ]);
  });

  it("has no S3 server while its zone is gone, and keeps looking for it there", () => {
    const { archive } = placed("a");
    expect(archive).not.toHaveProperty("server");
    expect(archive).toMatchObject({ own: true, endpoint: whole.archive.endpoint });
    expect(placed("b").archive).toEqual(whole.archive);
  });

  it("tells members of etcd where they were told of it before", () => {
    for (const gone of ["a", "b", "c", "ab"]) expect(placed(gone).etcd).toEqual(whole.etcd);
    expect(whole.etcd).toEqual(whole.voters.map(({ client }) => client));
  });

  it("sends clients to the proxies that there are", () => {
    expect(placed("a").endpoint).toMatchObject({ address: "10.1.0.2", hosts: ["10.1.0.2", "10.1.0.3"] });
    expect(placed("a").proxies.map(({ name }) => name)).toEqual(["dev-proxy-2-b", "dev-proxy-3-c"]);
  });

  it("says that it does without, and what is no longer survived", () => {
    expect(placed("b").survives).toEqual([
      "any one member",
      "any one etcd voter",
      "the loss of zone c",
      "not the loss of zone a: 2 of 3 voters stand in it",
      "not its archive when zone a is lost: the S3 server stands there",
      "without zone b, which cannot be had",
    ]);
  });

  it("leaves every part that belongs elsewhere as it is, its certificate included", () => {
    fc.assert(
      fc.property(placements(), (placement) => {
        const before = planOf({ ...placement, gone: "" });
        const now = new Map(partsOf(planOf(placement)).map((part) => [part.name, part]));
        for (const part of partsOf(before).filter(({ zone }) => !placement.gone.includes(zone))) {
          expect(asMade(now.get(part.name))).toEqual(asMade(part));
        }
      }),
    );
  });
});

describe("an address that moves between zones of one network", () => {
  const endpoint = { vip: "10.1.0.200" };
  const plan = planCluster(crossZone(overZones("abc"), { endpoint }));

  it("is shared by all proxies, and the only one that clients know", () => {
    expect(plan.endpoint).toEqual({ address: "10.1.0.200", readWritePort: 5000, readOnlyPort: 5001 });
    expect(plan.proxies.map(({ vrrp }) => [vrrp?.priority, vrrp?.peers])).toEqual([
      [250, ["10.1.0.2", "10.1.0.3"]],
      [249, ["10.1.0.1", "10.1.0.3"]],
      [248, ["10.1.0.1", "10.1.0.2"]],
    ]);
    expect(new Set(plan.proxies.map(({ vrrp }) => vrrp?.routerId)).size).toBe(1);
    for (const { certificate } of [...plan.members, ...plan.proxies]) {
      expect(certificate.addresses).toContain("10.1.0.200");
    }
  });

  it("changes nothing of the other proxies when one is gone", () => {
    const [, second, third] = plan.proxies;
    const now = planCluster(crossZone(without("a", "abc"), { endpoint })).proxies;
    expect(now.map(asMade)).toEqual([second, third].map(asMade));
  });
});

describe("every plan over zones", () => {
  it("has one part at a port of a host, and no part among the endpoint's", () => {
    fc.assert(
      fc.property(placements(), (placement) => {
        const plan = planOf(placement);
        const taken = listening(plan);
        expect([...new Set(taken)]).toEqual(taken);
        for (const one of taken.filter((address) => !/:500[01]$/.test(address))) {
          const number = Number(one.split(":")[1]);
          expect(number).toBeGreaterThan(port);
          expect(number).toBeLessThan(port + 100);
        }
      }),
    );
  });

  it("has names and volumes that are all different, and short enough for a host's name", () => {
    fc.assert(
      fc.property(placements(), (placement) => {
        const plan = planOf(placement);
        const names = partsOf(plan).map(({ name }) => name);
        const volumes = [...plan.members, ...plan.voters].map(({ volume }) => volume);
        expect([...new Set(names)]).toEqual(names);
        expect([...new Set(volumes)]).toEqual(volumes);
      }),
    );
    const name = "o".repeat(40);
    const long = { a: { name: "rack-14-oslo-7" }, b: { name: "rack-14-oslo-8" } };
    const lengths = partsOf(planCluster(crossZone(overZones("ab", long), { name }))).map(
      (part) => part.name.length,
    );
    expect(Math.max(...lengths)).toBe(63);
  });

  it("knows each member by every address at which a client or a pooler asks for it", () => {
    fc.assert(
      fc.property(placements(), (placement) => {
        const { members, proxies, endpoint } = planOf(placement);
        const asked = [endpoint.address, ...(endpoint.hosts ?? []), ...proxies.map(({ address }) => address)];
        for (const { certificate, address } of members) {
          expect(certificate.addresses).toEqual(expect.arrayContaining([address, ...asked]));
          expect([...new Set(certificate.addresses)]).toEqual(certificate.addresses);
        }
      }),
    );
  });

  it("has members' synchronous commits in another zone than the leader's, where they stand in several", () => {
    fc.assert(
      fc.property(placements(), (placement) => {
        const { members, placement: planned } = planOf(placement);
        const synchronous = members.filter((member) => member.synchronous).map(({ zone }) => zone);
        if (planned.standing === "zonal") expect(synchronous).toHaveLength(members.length);
        else expect(synchronous.toSorted()).toEqual([...new Set(members.map(({ zone }) => zone))].sort());
      }),
    );
  });
});

const there = { available: true, witness: false };

interface Placement {
  readonly names: string;
  readonly gone: string;
  readonly members: number;
  readonly voters: number;
}

/** Two to five zones, of which at least one can be had; the last may be a witness. */
function placements(): fc.Arbitrary<Placement> {
  return fc
    .record({
      names: fc.constantFrom("ab", "abw", "abc", "abcw", "abcd", "abcde"),
      members: fc.integer({ min: 2, max: 9 }),
      voters: fc.constantFrom(3, 5),
    })
    .chain((sizes) => fc.subarray([...sizes.names]).map((gone) => ({ ...sizes, gone: gone.join("") })))
    .filter(({ names, gone }) => [...names].some((name) => name !== "w" && !gone.includes(name)));
}

function planOf({ names, gone, members, voters }: Placement): ClusterPlan {
  const change = Object.fromEntries(
    [...names].map((name) => [name, { available: !gone.includes(name), witness: name === "w" }]),
  );
  const placed = overZones(names, change, { fallbackToSameZone: true });
  return planCluster(crossZone(placed, { members, etcd: { voters } }));
}

/** `address:port` of everything that listens on a host. */
function listening({ members, voters, proxies, archive, endpoint }: ClusterPlan): readonly string[] {
  return [
    ...members.flatMap(({ postgres, rest, activityPort = 0, address }) => [
      textOf(postgres),
      textOf(rest),
      `${address}:${activityPort}`,
    ]),
    ...voters.flatMap(({ client, peer }) => [textOf(client), textOf(peer)]),
    ...proxies.flatMap(({ address }) => [
      `${address}:${endpoint.readWritePort}`,
      `${address}:${endpoint.readOnlyPort}`,
    ]),
    ...(archive.server === undefined ? [] : [textOf(archive.server.listen)]),
  ];
}

/** What of a part its container and its certificate are made of. */
function asMade(part: PartPlan | undefined): object {
  const { name = "", address = "", zone = "", certificate } = part ?? {};
  const vrrp = part !== undefined && "vrrp" in part ? part.vrrp : undefined;
  return { name, address, zone, certificate, vrrp };
}

function partsOf({ voters, members, proxies, archive: { server } }: ClusterPlan): readonly PartPlan[] {
  return [...voters, ...members, ...proxies, ...(server === undefined ? [] : [server])];
}

function whereOf({ name, address }: PartPlan): string {
  return `${name} ${address}`;
}

function textOf({ host, port: number }: { readonly host: string; readonly port: number }): string {
  return `${host}:${number}`;
}
