import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { SpiloCluster, type SpiloClusterArgs } from "../../components/index.ts";
import { addressIn, overZones, without } from "../unit/zone-specifications.ts";
import { known, ofType, planned, type Recorded, record } from "./recorder.ts";

const container = "docker:index/container:Container";
const identity = "spilo:index:Identity";
const image = "docker:index/remoteImage:RemoteImage";
const witness = { witness: true };
const name = "orders";
const network = { firstPort: 21_000 };

/** A cluster over zones, with the images of this machine. */
function cluster(placed: ReturnType<typeof overZones>, change: Partial<SpiloClusterArgs> = {}) {
  return { name, network, images: { spilo: "all:1", etcd: "etcd:1" }, ...placed, ...change };
}

describe("a cluster over several zones", () => {
  it("has its parts on the networks of their hosts, which know them by name", async () => {
    const { resources } = await record(cluster(overZones("abw", { w: witness })));
    expect(resources.filter(({ type }) => type.startsWith("docker:index/network"))).toEqual([]);
    const containers = ofType(resources, container);
    const inOrder = (list: Iterable<string>) => [...list].sort();
    expect(inOrder(containers.keys())).toEqual(
      inOrder([
        ...["orders-1-a", "orders-2-b", "orders-3-a"],
        ...["orders-etcd-1-a", "orders-etcd-2-b", "orders-etcd-3-w"],
        ...["orders-proxy-1-a", "orders-proxy-2-b"],
        "orders-s3",
      ]),
    );
    for (const [part, inputs] of containers) {
      const hosts = [{ host: part, ip: addressIn(zoneOf(part) ?? "") }];
      expect(inputs, part).toMatchObject({ name: part, networkMode: "host", hosts });
      expect(inputs, part).not.toHaveProperty("networksAdvanced");
      expect(inputs, part).not.toHaveProperty("ports");
    }
  });

  it("has a provider for each zone, with its certificates", async () => {
    const certificates = "/etc/docker/client";
    const a = { host: "tcp://10.1.0.1:2376", certificates };
    const { resources } = await record(cluster(overZones("ab", { a })));
    expect(Object.fromEntries(ofType(resources, "pulumi:providers:docker"))).toEqual({
      "orders-a": { host: "tcp://10.1.0.1:2376", certPath: certificates },
      "orders-b": { host: "ssh://db-b" },
    });
    const { members } = (await record(cluster(overZones("ab", { a })))).cluster;
    expect((await known(members)).map(({ engine }) => engine)).toEqual([
      "tcp://10.1.0.1:2376?certificates=%2Fetc%2Fdocker%2Fclient",
      "ssh://db-b",
      "tcp://10.1.0.1:2376?certificates=%2Fetc%2Fdocker%2Fclient",
    ]);
  });

  it("has whatever docker makes made by the provider of its zone, and go with that zone", async () => {
    const { resources } = await record(cluster(overZones("abw", { w: witness })));
    const made = resources.filter(({ type }) => type.startsWith("docker:"));
    expect(made.length).toBeGreaterThan(20);
    for (const { name: part, deletedWith, provider } of made) {
      expect([part, provider, deletedWith]).toEqual([part, `orders-${zoneOf(part)}`, `${provider}-zone`]);
    }
    const ofOurs = [identity, "spilo:index:ProcessLimits", "spilo:index:CarriedImage"];
    const ours = resources.filter(({ type }) => ofOurs.includes(type));
    expect(ours.length).toBeGreaterThan(15);
    for (const { name: part, deletedWith } of ours) {
      expect([part, deletedWith]).toEqual([part, `orders-${zoneOf(part)}-zone`]);
    }
    expect(Object.fromEntries(ofType(resources, "spilo:index:Zone"))).toMatchObject({
      "orders-a-zone": { cluster: name, incarnation: "1a2b3c4d", zone: "a", engine: "ssh://db-a" },
      "orders-b-zone": { zone: "b", engine: "ssh://db-b" },
      "orders-w-zone": { zone: "w", engine: "ssh://db-w" },
    });
  });

  it("has every image in each zone that needs it, brought there before the provider looks for it", async () => {
    const { resources } = await record(cluster(overZones("abw", { w: witness })));
    const pulled = resources.filter(({ type }) => type === image);
    const carried = ofType(resources, "spilo:index:CarriedImage");
    expect(pulled.map((one) => one.name).sort()).toEqual([
      "orders-a-image-all-1",
      "orders-a-image-etcd-1",
      "orders-a-image-pulumi-spilo-proxy-1",
      "orders-a-image-pulumi-spilo-s3-1",
      "orders-b-image-all-1",
      "orders-b-image-etcd-1",
      "orders-b-image-pulumi-spilo-proxy-1",
      "orders-w-image-etcd-1",
    ]);
    expect(carried.size).toBe(pulled.length);
    for (const one of pulled) {
      const before = one.name.replace("-image-", "-carried-");
      expect(one.after).toContain(before);
      const [, zone] = /^orders-(\w)-/.exec(one.name) ?? [];
      expect(carried.get(before)).toEqual({ image: one.inputs["name"], engine: `ssh://db-${zone}` });
    }
  });

  it("tags members that may have no synchronous commits, when the cluster serves", async () => {
    const { resources } = await record(cluster(overZones("abc"), { members: 5 }));
    const tags = ofType(resources, "spilo:index:MemberTags");
    expect([...tags].map(([, { member, nosync, engine }]) => [member, nosync, engine])).toEqual([
      ["orders-1-a", false, "ssh://db-a"],
      ["orders-2-b", false, "ssh://db-b"],
      ["orders-3-c", false, "ssh://db-c"],
      ["orders-4-a", true, "ssh://db-a"],
      ["orders-5-b", true, "ssh://db-b"],
    ]);
    for (const { after } of resources.filter(({ type }) => type === "spilo:index:MemberTags")) {
      expect(after).toContain("orders-ready");
    }
  });

  it("has connection strings that name every proxy, and every member", async () => {
    const { uri, readOnlyUri, multiHostUri, pooledUri } = (
      await record(cluster(overZones("abc"), { endpoint: { pooled: true } }))
    ).cluster;
    const login = "postgresql://app_1:password-of-orders-password-application";
    const each = (port: number) =>
      ["10.1.0.1", "10.1.0.2", "10.1.0.3"].map((host) => `${host}:${port}`).join();
    const options = "sslmode=verify-full&connect_timeout=3";
    expect(await known(uri)).toBe(`${login}@${each(5000)}/app?${options}`);
    expect(await known(readOnlyUri)).toBe(`${login}@${each(5001)}/app?${options}`);
    expect(pooledUri && (await known(pooledUri))).toBe(`${login}@${each(6432)}/app?${options}`);
    expect(await known(multiHostUri)).toBe(
      `${login}@10.1.0.1:21001,10.1.0.2:21002,10.1.0.3:21003/app?${options}&target_session_attrs=read-write`,
    );
  });

  it("says where it stands, and where each member does", async () => {
    const { placement, members } = (await record(cluster(without("b", "abc")))).cluster;
    expect(await known(placement)).toMatchObject({
      mode: "cross-zone",
      standing: "cross-zone",
      fallbackToSameZone: true,
      zones: [
        { name: "a", available: true },
        { name: "b", available: false, host: "ssh://db-b", address: "10.1.0.2" },
        { name: "c", available: true },
      ],
    });
    expect((await known(members)).map(({ name: part, zone }) => [part, zone])).toEqual([
      ["orders-1-a", "a"],
      ["orders-2-c", "c"],
      ["orders-3-c", "c"],
    ]);
  });
});

describe("a zone that cannot be had", () => {
  it("has nothing but the note that it is lost", async () => {
    const { resources } = await record(cluster(without("b", "abc")));
    const there = resources.filter((one) => aboutZoneB(one));
    expect(there.map(({ type, name: part }) => [type, part])).toEqual([
      ["spilo:index:LostZone", "orders-b-lost"],
    ]);
    expect(ofType(resources, "spilo:index:LostZone").get("orders-b-lost")).toEqual({
      cluster: name,
      incarnation: "1a2b3c4d",
      zone: "b",
      engine: "ssh://db-b",
    });
    expect([...ofType(resources, "pulumi:providers:docker").keys()]).toEqual(["orders-a", "orders-c"]);
  });

  it("renames none of the parts of other zones, and makes none of their certificates anew", async () => {
    const [before, now] = [
      (await record(cluster(overZones("abc"), { members: 5 }))).resources,
      (await record(cluster(without("b", "abc"), { members: 5 }))).resources,
    ];
    const names = (all: readonly Recorded[]) => all.map((one) => `${one.type} ${one.name}`);
    const gone = names(before.filter((one) => !aboutZoneB(one))).filter((one) => !names(now).includes(one));
    expect(gone).toEqual([]);
    const certificates = ofType(now, "spilo:index:Certificate");
    const kept = [...ofType(before, "spilo:index:Certificate")].filter(([part]) => certificates.has(part));
    expect(kept.length).toBeGreaterThan(6);
    for (const [part, inputs] of kept) expect(certificates.get(part), part).toEqual(inputs);
  });

  it.each(["b", "c"])("replaces no member and no voter elsewhere: %s", async (gone) => {
    const [before, now] = [
      (await record(cluster(overZones("abc")))).resources,
      (await record(cluster(without(gone, "abc")))).resources,
    ];
    const containers = ofType(now, container);
    const kept = [...ofType(before, container)].filter(
      ([part]) => containers.has(part) && !part.includes("-proxy-"),
    );
    expect(kept.map(([part]) => part)).toContain("orders-1-a");
    expect(kept).toHaveLength(5);
    for (const [part, inputs] of kept) expect(containers.get(part), part).toEqual(inputs);
  });

  it("takes its S3 server along, and the bucket waits for nobody", async () => {
    const { resources } = await record(cluster(without("a", "abc")));
    expect([...ofType(resources, identity).keys()].filter((one) => one.includes("s3"))).toEqual([]);
    expect(ofType(resources, "spilo:index:Bucket").get("orders-bucket")).toMatchObject({
      endpoint: "https://10.1.0.1:21051",
      ownServer: true,
    });
  });
});

describe("a placement that is refused", () => {
  it.each([
    ["a zone that cannot be had, and no fallback", { fallbackToSameZone: false }, "b"],
    ["no zone with data that can be had", { fallbackToSameZone: true }, "abc"],
  ])("registers nothing: %s", async (_title, placement, gone) => {
    const registered: string[] = [];
    const newResource = (resource: pulumi.runtime.MockResourceArgs) => {
      registered.push(resource.name);
      return { id: resource.name, state: resource.inputs };
    };
    await pulumi.runtime.setMocks({ newResource, call: () => ({}) }, "pulumi-spilo", "dev", false);
    const args = cluster(without(gone, "abc", placement));
    expect(() => new SpiloCluster(name, { ...args, orders: planned })).toThrow(pulumi.RunError);
    await pulumi.runtime.disconnect();
    expect(registered).toEqual([]);
  });
});

/** The zone in a name; the S3 server's has none in it. */
function zoneOf(part: string): string | undefined {
  return part.startsWith("orders-s3") ? "a" : /-([abw])(-|$)/.exec(part)?.[1];
}

/** By its name, by its provider, or by its engine. */
function aboutZoneB({ name: part, provider, inputs }: Recorded): boolean {
  return /-b(-|$)/.test(part) || provider === "orders-b" || inputs["engine"] === "ssh://db-b";
}
