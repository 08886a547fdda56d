import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ClusterPlan, type PartPlan, parseSpec, planCluster } from "../../cluster/index.ts";
import { networkOf } from "../render/plans.ts";
import { clusterName, roomySpecification, soundSpecification, specification } from "./specifications.ts";

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
        certificate: {
          commonName: "dev-1",
          dnsNames: ["dev-1"],
          addresses: ["10.87.188.11", "10.87.188.10", "10.87.188.21", "10.87.188.22"],
          uses: ["server", "client"],
        },
        memoryMib: 2048,
        processes: 4096,
        volume: "dev-1-data",
        retained: true,
        rest: { host: "10.87.188.11", port: 8008 },
        postgres: { host: "10.87.188.11", port: 5432 },
        synchronous: true,
        cpus: 1.5,
        shmMib: 1024,
      },
    ]);
  });

  it("limits what each part may take of its host, and leaves processors to who needs them", () => {
    const { members, voters, proxies, archive } = planCluster(specification({ members: 1 }));
    const limits = [members[0], voters[0], proxies[0], archive.server].map((part) => [
      part?.memoryMib,
      part?.processes,
    ]);
    expect(limits).toEqual([
      [2048, 4096],
      [1024, 512],
      [512, 512],
      [2048, 1024],
    ]);
    expect(members[0]).not.toHaveProperty("cpus");
  });

  it("gives members as many processes as their sessions ask for, and half of them again to spare", () => {
    const parameters = { max_connections: 5000 };
    const [member] = planCluster(roomySpecification({ postgresql: { parameters } })).members;
    expect(member?.processes).toBe(2 * (5000 + 20 + 8 + 3 + 1) + 1024);
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
    expect(own).toMatchObject({ endpoint: "https://10.87.188.41:9000", own: true });
    expect(own.server?.listen).toEqual({ host: "10.87.188.41", port: 9000 });
    const endpoint = "https://s3.eu-central-1.amazonaws.com/";
    const theirs = planCluster(specification({ backup: { endpoint, region: "eu-central-1" } })).archive;
    expect(theirs).toEqual({
      bucket: "dev-wal",
      region: "eu-central-1",
      retainDays: 14,
      schedule: "0 1 * * *",
      endpoint: "https://s3.eu-central-1.amazonaws.com",
      own: false,
    });
  });

  it("says what each part's certificate carries, and nothing that another part's does", () => {
    const names = ["db.example.org", "db"];
    const { voters, members, proxies, archive, operator } = planCluster(
      specification({ endpoint: { names } }),
    );
    expect(
      [members[1], voters[2], proxies[1], archive.server, operator].map((part) => part?.certificate),
    ).toEqual([
      {
        commonName: "dev-2",
        dnsNames: ["dev-2", ...names],
        addresses: ["10.87.188.12", "10.87.188.10", "10.87.188.21", "10.87.188.22"],
        uses: ["server", "client"],
      },
      {
        commonName: "dev-etcd-3",
        dnsNames: ["dev-etcd-3", "localhost"],
        addresses: ["10.87.188.33", "127.0.0.1"],
        uses: ["server", "client"],
      },
      {
        commonName: "dev-proxy-2",
        dnsNames: ["dev-proxy-2", ...names],
        addresses: ["10.87.188.22", "10.87.188.10"],
        uses: ["server", "client"],
      },
      {
        commonName: "dev-s3",
        dnsNames: ["dev-s3", "localhost"],
        addresses: ["10.87.188.41", "127.0.0.1"],
        uses: ["server"],
      },
      { commonName: "dev-operator", dnsNames: [], addresses: [], uses: ["client"] },
    ]);
  });

  it("puts every part into the one zone", () => {
    const zone = { name: "a", host: "ssh://db-a" };
    const plan = planCluster(specification({ placement: { zones: [zone] } }));
    expect(plan.zones).toEqual([{ ...zone, available: true, witness: false }]);
    expect(plan.placement).toEqual({ mode: "zonal", standing: "zonal", fallbackToSameZone: false });
    expect(new Set(partsOf(plan).map(({ zone }) => zone))).toEqual(new Set(["a"]));
  });

  it("adds members without moving one", () => {
    const [three, five] = [3, 5].map((members) => planCluster(specification({ members })).members);
    expect(five?.slice(0, 3)).toEqual(three);
  });
});

describe("every plan", () => {
  it("has a certificate for each part, by which it is known at its address and to nobody as another part", () => {
    fc.assert(
      fc.property(soundSpecification(), (written) => {
        const plan = planCluster(parseSpec(written));
        const certificates = [...partsOf(plan), plan.operator].map(({ certificate }) => certificate);
        expectUnique(certificates.map(({ commonName }) => commonName));
        // What X.509 allows.
        expect(certificates.every(({ commonName }) => commonName.length <= 64)).toBe(true);
        for (const { name, address, certificate } of partsOf(plan)) {
          expect(certificate.commonName).toBe(name);
          expect(certificate.dnsNames).toContain(name);
          expect(certificate.addresses).toContain(address);
          expect(certificate.uses).toContain("server");
          expectUnique(certificate.dnsNames);
          expectUnique(certificate.addresses);
          const others = partsOf(plan).filter((other) => other.name !== name);
          expect(
            certificate.dnsNames.filter((known) => others.some((other) => other.name === known)),
          ).toEqual([]);
        }
        // Clients reach a member through the endpoint, the pooler by its own proxy.
        for (const { certificate } of plan.members) {
          const reached = [plan.endpoint.address, ...plan.proxies.map(({ address }) => address)];
          expect(certificate.addresses).toEqual(expect.arrayContaining(reached));
        }
      }),
      { numRuns: 50 },
    );
  });

  it("has limits for each part, with room for every session twice", () => {
    fc.assert(
      fc.property(soundSpecification(), (written) => {
        const plan = planCluster(parseSpec(written));
        for (const { memoryMib, processes } of partsOf(plan)) {
          expect(memoryMib).toBeGreaterThanOrEqual(256);
          expect(processes).toBeGreaterThanOrEqual(512);
        }
        const sessions = Number(plan.settings.postgresql.parameters["max_connections"]);
        for (const { processes } of plan.members) {
          expect(processes).toBeGreaterThanOrEqual(Math.max(4096, 2 * sessions + 1024));
        }
      }),
      { numRuns: 50 },
    );
  });

  it("has unique names, addresses and volumes, inside the subnet and out of the dynamic range", () => {
    fc.assert(
      fc.property(soundSpecification(), (written) => {
        const plan = planCluster(parseSpec(written));
        const parts = partsOf(plan);
        const addresses = [networkOf(plan).gateway, ...parts.map(({ address }) => address)];
        expectUnique(parts.map(({ name }) => name));
        expectUnique(addresses);
        expectUnique(volumesOf(plan));
        const prefix = networkOf(plan).subnet.replace(/0\/24$/, "");
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

function partsOf(plan: ClusterPlan): readonly PartPlan[] {
  const { server } = plan.archive;
  return [...plan.voters, ...plan.members, ...plan.proxies, ...(server === undefined ? [] : [server])];
}

function volumesOf({ voters, members, archive: { server } }: ClusterPlan): readonly string[] {
  return [...voters, ...members, ...(server === undefined ? [] : [server])].map(({ volume }) => volume);
}

function expectUnique(values: readonly string[]): void {
  expect([...new Set(values)]).toEqual(values);
}
