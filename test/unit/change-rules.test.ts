import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkChange, parseSpec, type SpecIssue } from "../../cluster/index.ts";
import { soundSpecification } from "./specifications.ts";
import { overZones, without } from "./zone-specifications.ts";

interface Change {
  readonly title: string;
  readonly old?: object;
  readonly now: object;
  readonly issue: SpecIssue;
}

const certificate = "-----BEGIN CERTIFICATE-----\nMIIBejCCAR+gAwIBAgIB\n-----END CERTIFICATE-----\n";
const elsewhere = "and bring the data with pg_dump.";

const refused: readonly Change[] = [
  {
    title: "the name, and nothing is said of what follows from it",
    now: { name: "orders" },
    issue: {
      path: "name",
      value: "orders",
      message: "must stay dev: its containers, volumes, keys and backups are named by it",
      remedy: `Set it back to dev. Declare a cluster orders beside it, and bring the data there with pg_dump.`,
    },
  },
  {
    title: "the version to an older one",
    now: { postgresql: { version: 16 } },
    issue: {
      path: "postgresql.version",
      value: 16,
      message: "must stay 17: PostgreSQL 16 cannot read what 17 has written",
      remedy:
        "Set it back to 17. Declare a second cluster with 16, and bring the data with pg_dump or logical replication.",
    },
  },
  {
    title: "the version to a newer one",
    old: { postgresql: { version: 15 } },
    now: { postgresql: { version: 17 } },
    issue: {
      path: "postgresql.version",
      value: 17,
      message:
        "must stay 15: the data was written by PostgreSQL 15, and upgrading it in place is not yet available",
      remedy:
        "Set it back to 15. Declare a second cluster with 17, and bring the data with pg_dump or logical replication.",
    },
  },
  {
    title: "the subnet",
    now: { network: { subnet: "10.90.7.0/24" } },
    issue: {
      path: "network.subnet",
      value: "10.90.7.0/24",
      message:
        "must stay 10.87.188.0/24: every part has its address in it, and the network cannot be replaced under them",
      remedy: `Set it back to 10.87.188.0/24. Declare a second cluster with the other subnet, ${elsewhere}`,
    },
  },
  {
    title: "the voters",
    now: { etcd: { voters: 5 } },
    issue: {
      path: "etcd.voters",
      value: 5,
      message:
        "must stay 3: a voter has to be admitted by the others before it starts, which is not yet available",
      remedy: `Set it back to 3. Declare a second cluster with as many voters, ${elsewhere}`,
    },
  },
  {
    title: "a zone's engine",
    now: { placement: { zones: [{ host: "ssh://db-a" }] } },
    issue: {
      path: "placement.zones[0].host",
      value: "ssh://db-a",
      message: "must stay unix:///var/run/docker.sock: the members' volumes are on that engine",
      remedy: `Set it back to unix:///var/run/docker.sock. Declare a second cluster there, ${elsewhere}`,
    },
  },
  {
    title: "a zone's name",
    now: { placement: { zones: [{ name: "a" }] } },
    issue: {
      path: "placement.zones[0].name",
      value: "a",
      message: "must stay local: what stands in the zone is known by it",
      remedy: `Set it back to local. Declare a second cluster there, ${elsewhere}`,
    },
  },
  {
    title: "the archive to an S3 server of the user's",
    now: { backup: { endpoint: "https://s3.example" } },
    issue: {
      path: "backup.endpoint",
      value: "https://s3.example",
      message: "must stay: backups and WAL are on the stack's own S3 server, and would be left behind",
      remedy: `Remove it. Declare a second cluster with the other archive, ${elsewhere}`,
    },
  },
  {
    title: "the archive to the stack's own S3 server",
    old: { backup: { endpoint: "https://s3.example" } },
    now: {},
    issue: {
      path: "backup.endpoint",
      message: "must stay: backups and WAL are on https://s3.example, and would be left behind",
      remedy: `Set it back to https://s3.example. Declare a second cluster with the other archive, ${elsewhere}`,
    },
  },
  {
    title: "the bucket",
    now: { backup: { bucket: "other-wal" } },
    issue: {
      path: "backup.bucket",
      value: "other-wal",
      message: "must stay dev-wal: backups and WAL are in it, and a restore needs both from one bucket",
      remedy: `Set it back to dev-wal. Declare a second cluster with the other bucket, ${elsewhere}`,
    },
  },
  {
    title: "the authority",
    now: { tls: { ca: "given" } },
    issue: {
      path: "tls.ca",
      value: "given",
      message:
        "must stay generated: whether the authority is the cluster's own or given is decided when the cluster is made",
      remedy:
        "Set it back to generated. Raise rotation.authority by one for another authority of the cluster's own.",
    },
  },
  {
    title: "the generation of an authority that is given",
    old: { tls: { ca: "given" } },
    now: { tls: { ca: "given" }, rotation: { authority: 2 } },
    issue: {
      path: "rotation.authority",
      value: 2,
      message: "must stay 1: the authority is given, and another one is given in its place",
      remedy: "Set it back to 1, and set spilo:caCertificate and spilo:caPrivateKey to another authority.",
    },
  },
  {
    title: "the authority's generation by more than one",
    now: { rotation: { authority: 3 } },
    issue: {
      path: "rotation.authority",
      value: 3,
      message: "must be 1 or 2: every part has to come to trust one authority after the other",
      remedy: "Set it to 2 and run `pulumi up`; raise it again when that is done.",
    },
  },
  {
    title: "the authority's generation to an earlier one",
    old: { rotation: { authority: 2 } },
    now: {},
    issue: {
      path: "rotation.authority",
      value: 1,
      message: "must be 2 or 3: nobody trusts the authority of generation 1 any more",
      remedy: "Set it back to 2, or to 3 for a new one.",
    },
  },
  {
    title: "the application's database",
    now: { application: { database: "orders" } },
    issue: {
      path: "application.database",
      value: "orders",
      message: "must stay app: the application's data is in it",
      remedy: `Set it back to app. Make a database of another name by CREATE DATABASE, ${elsewhere}`,
    },
  },
  {
    title: "the application's role",
    now: { application: { role: "orders" } },
    issue: {
      path: "application.role",
      value: "orders",
      message: "must stay app: it owns the application's data",
      remedy: "Set it back to app. Make a role of another name by CREATE ROLE, as a member of spilo_clients.",
    },
  },
  {
    title: "the volumes to a smaller size",
    old: { resources: { volume: "100GB" } },
    now: { resources: { volume: "99GB" } },
    issue: {
      path: "resources.volume",
      value: "99GB",
      message: "must not be less than 100GB: a volume is not made smaller under its data",
      remedy: `Set it to 100GB or more. Declare a second cluster with the smaller one, ${elsewhere}`,
    },
  },
];

const moved = "Or set available: false for it, run `pulumi up`, and move it then.";
const ownNetwork =
  "parts over several zones use the networks of their hosts, and parts in one zone a network of their own";

/** From three zones, if nothing else is said. */
const overSeveral: readonly Change[] = [
  {
    title: "the mode to several zones",
    old: { placement: { zones: [{ name: "a", host: "ssh://db-a" }] } },
    now: overZones("abc"),
    issue: {
      path: "placement.mode",
      value: "cross-zone",
      message: `must stay zonal: ${ownNetwork}`,
      remedy: `Set it back to zonal. Declare a second cluster with the other mode, ${elsewhere}`,
    },
  },
  {
    title: "the mode to one zone",
    now: { placement: { zones: [{ name: "a", host: "ssh://db-a", address: "10.1.0.1" }] } },
    issue: {
      path: "placement.mode",
      value: "zonal",
      message: `must stay cross-zone: ${ownNetwork}`,
      remedy: "Set it back to cross-zone. Set placement.fallbackToSameZone to stand in one zone for a while.",
    },
  },
  {
    title: "the host of a zone that can be had",
    now: overZones("abc", { b: { host: "ssh://db-new" } }),
    issue: {
      path: "placement.zones[1].host",
      value: "ssh://db-new",
      message: "must stay ssh://db-b: the members' volumes are on that engine",
      remedy: `Set it back to ssh://db-b. ${moved}`,
    },
  },
  {
    title: "the address of a zone that can be had",
    now: overZones("abc", { c: { address: "10.1.0.99" } }),
    issue: {
      path: "placement.zones[2].address",
      value: "10.1.0.99",
      message: "must stay 10.1.0.3: its parts are known by it",
      remedy: `Set it back to 10.1.0.3. ${moved}`,
    },
  },
  {
    title: "the first of the ports",
    now: { ...overZones("abc"), network: { firstPort: 21_000 } },
    issue: {
      path: "network.firstPort",
      value: 21_000,
      message: "must stay 31600: every part is known by its ports",
      remedy: `Set it back to 31600. Declare a second cluster with other ports, ${elsewhere}`,
    },
  },
  ...[
    ["the zone with the archive, taken out", overZones("bc")] as const,
    ["the zone with the archive, no longer the first", overZones("bac")] as const,
    ["the zone with the archive, a witness now", overZones("abc", { a: { witness: true } })] as const,
  ].map(([title, now]) => ({
    title,
    now,
    issue: {
      path: "placement.zones",
      message: "must begin with zone a: backups and WAL are on the S3 server there, and would be left behind",
      remedy:
        "Put it back into the first place. Or set available: false for it, run `pulumi up`, and take it out then: " +
        "what is archived there is given up.",
    },
  })),
];

describe("a change of a running cluster", () => {
  it.each(refused)("may not be of $title", ({ old = {}, now, issue }) => {
    expect(checkChange({ name: "dev", ...old }, { name: "dev", ...now })).toEqual([issue]);
  });

  it.each(overSeveral)(
    "over several zones may not be of $title",
    ({ old = overZones("abc"), now, issue }) => {
      expect(checkChange({ name: "dev", ...old }, { name: "dev", ...now })).toEqual([issue]);
    },
  );

  it.each([
    ["that cannot be had, and so is given up", without("b", "abc"), without("", "ac")],
    [
      "that cannot be had, and is put on another host",
      without("b", "abc"),
      overZones("abc", { b: { host: "ssh://db-new", address: "10.1.0.99" } }),
    ],
    ["with the archive that cannot be had, and so is given up with it", without("a", "abc"), overZones("bc")],
    ["that cannot be had for the time being", overZones("abc"), without("b", "abc")],
    ["with the archive that cannot be had for the time being", overZones("abc"), without("a", "abc")],
    ["that is back", without("b", "abc"), overZones("abc")],
    ["that is added", overZones("ab"), overZones("abc")],
    ["that is taken out, and holds no archive", overZones("abc"), overZones("ab")],
    [
      "with what would be the archive, while that is somewhere else",
      { ...overZones("abc"), backup: { endpoint: "https://s3.example" } },
      { ...overZones("bac"), backup: { endpoint: "https://s3.example" } },
    ],
    ["that the leader belongs in", overZones("abc"), overZones("abc", {}, { primaryZone: "b" })],
    [
      "that is reached with certificates from now on",
      overZones("abc", { b: { host: "tcp://10.1.0.2:2376" } }),
      overZones("abc", { b: { host: "tcp://10.1.0.2:2376", certificates: "/etc/docker/b" } }),
    ],
  ])("may be of a zone %s", (_title, old, now) => {
    expect(checkChange({ name: "dev", ...old }, { name: "dev", ...now })).toEqual([]);
  });

  it("may be of the first port where there is one zone, whose parts have addresses of their own", () => {
    expect(checkChange({ name: "dev" }, { name: "dev", network: { firstPort: 21_000 } })).toEqual([]);
  });

  it.each([
    ["members, up", {}, { members: 5 }],
    ["members, down", { members: 5 }, { members: 1 }],
    ["parameters", {}, { postgresql: { parameters: { shared_buffers: "1GB", work_mem: "8MB" } } }],
    ["synchronous commit", {}, { synchronous: { mode: "off" } }],
    ["the recovery objective", { recovery: { objective: "wide" } }, { recovery: { objective: "fast" } }],
    ["resources", {}, { resources: { memory: "4GB", cpus: 2 } }],
    ["the volumes' size, up", { resources: { volume: "1GB" } }, { resources: { volume: "1025MB" } }],
    [
      "the volumes' size, written otherwise",
      { resources: { volume: "1TB" } },
      { resources: { volume: "1024GB" } },
    ],
    ["the volumes' size, declared for the first time", {}, { resources: { volume: "1GB" } }],
    ["the volumes' size, no longer declared", { resources: { volume: "1GB" } }, {}],
    ["the maintenance window", {}, { maintenance: { day: "sunday", minutes: 120 } }],
    ["how long certificates last", {}, { tls: { leafDays: 30 } }],
    ["the endpoint's names", {}, { endpoint: { names: ["db.example.org"] } }],
    [
      "the authority of the S3 server",
      { backup: { endpoint: "https://s3.example" } },
      { backup: { endpoint: "https://s3.example", ca: certificate } },
    ],
    [
      "an S3 server's URL to one that is encrypted",
      { backup: { endpoint: "http://s3.example:9000" } },
      { backup: { endpoint: "https://s3.example:9000" } },
    ],
    ["the image", {}, { image: "registry.example/spilo-17:4.1" }],
    ["the endpoint's ports", {}, { endpoint: { ports: { readWrite: 6432 } } }],
    ["how long backups are kept", {}, { backup: { retainDays: 30 } }],
    [
      "another name of the same S3 server",
      { backup: { endpoint: "https://s3.example" } },
      { backup: { endpoint: "https://s3.internal" } },
    ],
  ])("may be of %s", (_title, old, now) => {
    expect(checkChange({ name: "dev", ...old }, { name: "dev", ...now })).toEqual([]);
  });

  it.each([
    [
      2,
      1,
      "must be 2 or 3: what generation 1 logged in with is gone",
      "Set it back to 2, or to 3 for new ones.",
    ],
    [
      2,
      4,
      "must be 2 or 3: generations follow one another",
      "Set it to 3 and run `pulumi up`; raise it again when that is done.",
    ],
  ])("of a generation from %i to %i is refused", (before, now, message, remedy) => {
    for (const key of ["passwords", "application"]) {
      const old = { name: "dev", rotation: { [key]: before } };
      const issue = { path: `rotation.${key}`, value: now, message, remedy };
      expect(checkChange(old, { name: "dev", rotation: { [key]: now } })).toEqual([issue]);
    }
  });

  it("of a generation to the next, and of what becomes of the application's former login, may be", () => {
    const old = { name: "dev", rotation: { passwords: 7 } };
    const now = { name: "dev", rotation: { passwords: 8, application: 2, formerApplication: "closed" } };
    expect(checkChange(old, now)).toEqual([]);
  });

  it("tells all that may not change at once", () => {
    const now = { name: "dev", etcd: { voters: 1 }, backup: { bucket: "b-2" }, postgresql: { version: 16 } };
    expect(checkChange({ name: "dev" }, now).map(({ path }) => path)).toEqual([
      "postgresql.version",
      "etcd.voters",
      "backup.bucket",
    ]);
  });

  it("to a specification that is wrong in itself tells that alone", () => {
    const issues = checkChange({ name: "dev" }, { name: "dev", members: 0, etcd: { voters: 5 } });
    expect(issues.map(({ path }) => path)).toEqual(["members"]);
  });

  it("is compared with what was allowed when the cluster was made", () => {
    const old = { name: "dev", etcd: { voters: 1 }, postgresql: { parameters: { gone: 1 } } };
    expect(checkChange(old, { name: "dev" }).map(({ path }) => path)).toEqual(["etcd.voters"]);
    expect(checkChange(undefined, { name: "dev" })).toEqual([]);
  });

  it("that is none is allowed, written out or not", () => {
    fc.assert(
      fc.property(soundSpecification(), (written) => {
        const spec = parseSpec(written);
        expect(checkChange(spec, written)).toEqual([]);
        expect(checkChange(written, spec)).toEqual([]);
        expect(checkChange(spec, spec)).toEqual([]);
      }),
      { numRuns: 50 },
    );
  });
});
