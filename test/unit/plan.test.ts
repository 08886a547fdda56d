import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ClusterPlan, parseSpec, planCluster } from "../../cluster/index.ts";
import { clusterName, soundSpecification, specification } from "./specifications.ts";

describe("planCluster", () => {
  it("names and places every part of the default cluster", () => {
    const plan = planCluster(specification());
    expect(partsOf(plan).map(({ name, address }) => `${name} ${address}`)).toEqual([
      "dev-etcd-1 10.87.188.31",
      "dev-etcd-2 10.87.188.32",
      "dev-etcd-3 10.87.188.33",
      "dev-1 10.87.188.11",
      "dev-2 10.87.188.12",
      "dev-3 10.87.188.13",
      "dev-proxy-1 10.87.188.21",
      "dev-proxy-2 10.87.188.22",
      "dev-s3 10.87.188.41",
    ]);
    expect(volumesOf(plan)).toEqual([
      "dev-etcd-1-data",
      "dev-etcd-2-data",
      "dev-etcd-3-data",
      "dev-1-data",
      "dev-2-data",
      "dev-3-data",
      "dev-s3-data",
    ]);
    expect(plan.network).toEqual({
      name: "dev",
      subnet: "10.87.188.0/24",
      gateway: "10.87.188.1",
      dynamicRange: "10.87.188.128/25",
    });
    expect(plan.endpoint).toEqual({ address: "10.87.188.10", readWritePort: 5000, readOnlyPort: 5001 });
  });

  it("says where a member listens and what it may use", () => {
    const spec = specification({ members: 1, resources: { memory: "2GB", cpus: 1.5, shm: "1GB" } });
    expect(planCluster(spec).members).toEqual([
      {
        name: "dev-1",
        index: 1,
        zone: "local",
        address: "10.87.188.11",
        image: "ghcr.io/zalando/spilo-17:4.0-p3",
        volume: "dev-1-data",
        rest: { host: "10.87.188.11", port: 8008 },
        postgres: { host: "10.87.188.11", port: 5432 },
        memoryMib: 2048,
        cpus: 1.5,
        shmMib: 1024,
      },
    ]);
  });

  it("sets no limit that nobody asked for", () => {
    const [member] = planCluster(specification({ members: 1 })).members;
    expect(member).not.toHaveProperty("memoryMib");
    expect(member).not.toHaveProperty("cpus");
  });

  it("gives both proxies one address to share, and each the other's to watch it by", () => {
    const { proxies, endpoint } = planCluster(
      specification({ endpoint: { vip: "10.87.188.9", pooled: true } }),
    );
    expect(endpoint).toEqual({
      address: "10.87.188.9",
      readWritePort: 5000,
      readOnlyPort: 5001,
      pooledPort: 6432,
    });
    expect(proxies.map(({ vrrp }) => vrrp)).toEqual([
      { routerId: 189, priority: 250, peers: ["10.87.188.22"] },
      { routerId: 189, priority: 249, peers: ["10.87.188.21"] },
    ]);
  });

  it("gives the proxy a slot for every member there may ever be, and the same at any size", () => {
    const [small, large] = [1, 9].map((members) => planCluster(specification({ members })).proxies);
    expect(small).toEqual(large);
    expect(
      small?.[0]?.servers.map(({ name, postgres }) => `${name} ${postgres.host}:${postgres.port}`),
    ).toEqual(Array.from({ length: 9 }, (_, index) => `dev-${index + 1} 10.87.188.${index + 11}:5432`));
  });

  it("runs an S3 server of its own unless an endpoint is named", () => {
    const own = planCluster(specification()).archive;
    expect(own.endpoint).toBe("http://10.87.188.41:9000");
    expect(own.server?.listen).toEqual({ host: "10.87.188.41", port: 9000 });
    const endpoint = "https://s3.eu-central-1.amazonaws.com/";
    const theirs = planCluster(specification({ backup: { endpoint, region: "eu-central-1" } })).archive;
    expect(theirs).toEqual({
      bucket: "dev-wal",
      region: "eu-central-1",
      retainDays: 14,
      schedule: "0 1 * * *",
      endpoint: "https://s3.eu-central-1.amazonaws.com",
    });
  });

  it("puts every part into the one zone", () => {
    const zones = [{ name: "a", host: "ssh://db-a" }];
    const plan = planCluster(specification({ placement: { zones } }));
    expect(plan.zones).toEqual(zones);
    expect(new Set(partsOf(plan).map(({ zone }) => zone))).toEqual(new Set(["a"]));
  });

  it("adds members without moving one", () => {
    const [three, five] = [3, 5].map((members) => planCluster(specification({ members })).members);
    expect(five?.slice(0, 3)).toEqual(three);
  });
});

describe("every plan", () => {
  it("has unique names, addresses and volumes, inside the subnet and out of the dynamic range", () => {
    fc.assert(
      fc.property(soundSpecification(), (written) => {
        const plan = planCluster(parseSpec(written));
        const parts = partsOf(plan);
        const addresses = [plan.network.gateway, ...parts.map(({ address }) => address)];
        expectUnique(parts.map(({ name }) => name));
        expectUnique(addresses);
        expectUnique(volumesOf(plan));
        const prefix = plan.network.subnet.replace(/0\/24$/, "");
        for (const address of addresses) {
          expect(address.startsWith(prefix)).toBe(true);
          const last = Number(address.slice(prefix.length));
          expect(last).toBeGreaterThan(0);
          expect(last).toBeLessThan(128);
        }
      }),
    );
  });

  it("is the same for the same specification, whatever the order of its keys", () => {
    fc.assert(
      fc.property(soundSpecification(), (written) => {
        const turned = Object.fromEntries(Object.entries(written).reverse());
        expect(JSON.stringify(planCluster(parseSpec(turned)))).toBe(
          JSON.stringify(planCluster(parseSpec(written))),
        );
      }),
    );
  });

  it("shares no container name with that of another cluster", () => {
    const pair = fc.tuple(clusterName(), clusterName()).filter(([left, right]) => left !== right);
    fc.assert(
      fc.property(pair, ([left, right]) => {
        const [ours, theirs] = [left, right].map((name) => {
          const plan = planCluster(parseSpec({ name, members: 9, etcd: { voters: 5 } }));
          return partsOf(plan).map((part) => part.name);
        });
        expectUnique([...(ours ?? []), ...(theirs ?? [])]);
      }),
    );
  });
});

function partsOf(plan: ClusterPlan): readonly { name: string; address: string; zone: string }[] {
  const { server } = plan.archive;
  return [...plan.voters, ...plan.members, ...plan.proxies, ...(server === undefined ? [] : [server])];
}

function volumesOf({ voters, members, archive: { server } }: ClusterPlan): readonly string[] {
  return [...voters, ...members, ...(server === undefined ? [] : [server])].map(({ volume }) => volume);
}

function expectUnique(values: readonly string[]): void {
  expect([...new Set(values)]).toEqual(values);
}
