import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseSpec, SpecError } from "../../cluster/index.ts";
import { refusalOf, soundSpecification, specification } from "./specifications.ts";

describe("parseSpec", () => {
  it("fills in every default but the name", () => {
    expect(parseSpec({ name: "dev" })).toEqual({
      name: "dev",
      platform: "docker",
      image: "ghcr.io/zalando/spilo-17:4.0-p3",
      postgresql: { version: 17, parameters: {} },
      members: 3,
      resources: { memory: "2GB", shm: "256MB" },
      synchronous: { mode: "quorum", count: 1, durability: "preferred" },
      recovery: { objective: "normal", acceptDataLoss: false },
      replicas: [],
      network: { subnet: "10.87.188.0/24", firstPort: 31_600 },
      etcd: { voters: 3, image: "quay.io/coreos/etcd:v3.5.21" },
      endpoint: {
        vip: "10.87.188.10",
        ports: { readWrite: 5000, readOnly: 5001, replicas: 5002, pooled: 6432 },
        pooled: false,
        standbys: false,
        names: [],
        image: "pulumi-spilo/proxy:1",
      },
      backup: {
        bucket: "dev-wal",
        region: "us-east-1",
        schedule: "0 1 * * *",
        retainDays: 14,
        archiveTimeout: "60s",
        image: "pulumi-spilo/s3:1",
      },
      rotation: { passwords: 1, application: 1, formerApplication: "open", authority: 1 },
      maintenance: { start: "23:30", minutes: 60, timeZone: "UTC" },
      tls: { ca: "generated", leafDays: 397 },
      application: { database: "app", role: "app" },
      placement: {
        mode: "zonal",
        zones: [{ name: "local", host: "unix:///var/run/docker.sock", available: true, witness: false }],
        fallbackToSameZone: false,
      },
      deletionProtection: true,
      finalBackup: true,
      logicalSlots: [],
      keptSlots: [],
    });
  });

  it("switches synchronous commit off for a single member", () => {
    expect(specification({ members: 1 }).synchronous.mode).toBe("off");
  });

  it("takes this machine's images as defaults, and the user's own before them", () => {
    const images = { spilo: "pulumi-spilo/spilo:1", etcd: "pulumi-spilo/etcd:1", proxy: "p:2", s3: "s:2" };
    const spec = parseSpec({ name: "dev", etcd: { image: "etcd:mine" } }, images);
    const taken = [spec.image, spec.etcd.image, spec.endpoint.image, spec.backup.image];
    expect(taken).toEqual(["pulumi-spilo/spilo:1", "etcd:mine", "p:2", "s:2"]);
  });

  it("names the images' own key when one of them is wrong", () => {
    expect(() => parseSpec({ name: "dev" }, { spilo: "Spilo Image", haproxy: "x" })).toThrow(
      [
        'error  spilo:images.spilo: "Spilo Image"',
        "       must be an image name such as registry.example/name:tag, in lower case.",
        "       Write the name as `docker pull` takes it, or remove the key for the default.",
        "error  spilo:images.haproxy: unknown key",
        "       Did you mean proxy?",
      ].join("\n"),
    );
  });

  it.each([undefined, null, "dev", ["dev"]])("refuses %j, which is no mapping", (input) => {
    expect(() => parseSpec(input)).toThrow(SpecError);
    expect(refusalOf(input)).toContain("must be a mapping of keys to values");
  });

  it("carries the issues as data, for callers that print them in another way", () => {
    const failure = failureOf({ name: "dev", members: 0 });
    expect(failure.issues).toEqual([
      {
        path: "members",
        value: 0,
        message: "must be a whole number from 1 to 9",
        remedy: "Set members to 3, or to what you need within that range.",
      },
    ]);
  });

  it("never prints what stands under a key that does not belong there", () => {
    const text = refusalOf({
      name: "dev",
      password: "s3cret",
      tls: { key: "s3cret" },
      backup: { secretKey: "s3cret" },
    });
    expect(text).not.toContain("s3cret");
    expect(text.match(/^error {2}.*$/gm)).toEqual([
      "error  spilo:cluster.backup.secretKey: unknown key",
      "error  spilo:cluster.tls.key: unknown key",
      "error  spilo:cluster.password: unknown key",
    ]);
  });

  it("never prints credentials that stand in a URL", () => {
    const text = refusalOf({ name: "dev", backup: { endpoint: "https://key:s3cret@s3.example:9000" } });
    expect(text.split("\n")[0]).toBe('error  spilo:cluster.backup.endpoint: "https://…@s3.example:9000"');
    expect(text).not.toContain("s3cret");
  });

  it("never prints a key that stands where a certificate belongs", () => {
    const ca = "-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49\n-----END PRIVATE KEY-----\n";
    const text = refusalOf({ name: "dev", backup: { endpoint: "https://s3.example", ca } });
    expect(text.split("\n")[0]).toBe('error  spilo:cluster.backup.ca: "-----BEGIN PRIVATE KEY-----…');
    expect(text).not.toContain("MIGH");
  });

  it("cuts a long value short", () => {
    expect(refusalOf({ name: "x".repeat(200) })).toMatch(/^error {2}spilo:cluster\.name: "x{59}…\n/);
  });

  it("accepts every sound specification, and gives the same for the same", () => {
    fc.assert(
      fc.property(soundSpecification(), (written) => {
        expect(parseSpec(structuredClone(written))).toEqual(parseSpec(written));
      }),
    );
  });
});

describe("what is told of a test cluster", () => {
  const unguarded = { deletionProtection: false, finalBackup: false };

  it.each([
    ["ttl", "soon", "must be a quantity with a unit (us, ms, s, min, h, d) from 1min to 365d."],
    ["ttl", "30s", "must be a quantity with a unit (us, ms, s, min, h, d) from 1min to 365d."],
    ["owner", "a\nb", "must be a text of 1 to 100 characters."],
  ])("is refused when it is no %s: %j", (key, value, allowed) => {
    expect(refusalOf({ name: "dev", ...unguarded, [key]: value })).toContain(
      `error  spilo:cluster.${key}: ${JSON.stringify(value)}\n       ${allowed}\n`,
    );
  });

  it("is no ttl while the cluster is guarded; an owner is taken of any", () => {
    expect(refusalOf({ name: "dev", owner: "me", ttl: "2d" })).toContain(
      "deletionProtection and finalBackup are on",
    );
    expect(parseSpec({ name: "dev", owner: "me" }).owner).toBe("me");
    expect(parseSpec({ name: "dev", ttl: "2d", ...unguarded }).ttl).toBe("2d");
  });

  it("is no ttl on AWS, where nobody sweeps", () => {
    const onAws = { platform: "aws", aws: { region: "eu-central-1" }, ...unguarded };
    expect(refusalOf({ name: "dev", ttl: "2d", ...onAws })).toContain("is for clusters on Docker");
  });
});

function failureOf(written: unknown): SpecError {
  try {
    parseSpec(written);
  } catch (error) {
    if (error instanceof SpecError) return error;
    throw error;
  }
  throw new Error("the specification was accepted");
}
