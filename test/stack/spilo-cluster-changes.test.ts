import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it, vi } from "vitest";
import { SpiloCluster, type SpiloClusterArgs } from "../../components/index.ts";
import { differing, record } from "./recorder.ts";

const container = "docker:index/container:Container";
const identity = "spilo:index:Identity";
const image = "docker:index/remoteImage:RemoteImage";
const turn = "spilo:index:Turn";
const marker = "spilo:index:Marker orders-marker";

describe("a change of the specification", () => {
  const before: SpiloClusterArgs = { name: "orders" };

  it.each([{ work_mem: "8MB" }, { max_connections: 250 }])(
    "of the parameters %j changes the dynamic settings and nothing else",
    async (parameters) => {
      const [old, now] = [await record(before), await record({ ...before, postgresql: { parameters } })];
      expect(differing(old.resources, now.resources)).toEqual([
        "spilo:index:DynamicSettings orders-settings",
      ]);
    },
  );

  it("of the slots changes the dynamic settings and nothing else: no member is replaced", async () => {
    const decodes = { ...before, postgresql: { parameters: { wal_level: "logical" } } };
    const slots = { logicalSlots: [{ name: "cdc", database: "orders" }], keptSlots: ["debezium"] };
    const [old, now] = [await record(decodes), await record({ ...decodes, ...slots })];
    expect(differing(old.resources, now.resources)).toEqual(["spilo:index:DynamicSettings orders-settings"]);
  });

  it("from three members to five changes no container that exists", async () => {
    const [old, now] = [await record(before), await record({ ...before, members: 5 })];
    expect(differing(old.resources, now.resources)).toEqual(
      [
        ...[4, 5].flatMap((index) => [
          `${container} orders-${index}`,
          `docker:index/volume:Volume orders-${index}-data`,
          `docker:index/volume:Volume orders-${index}-identity`,
          `spilo:index:Certificate orders-${index}-certificate`,
          `${identity} orders-${index}-files`,
          `spilo:index:Joined orders-${index}-joined`,
        ]),
        "spilo:index:Departure orders-departure",
        "spilo:index:DynamicSettings orders-settings",
        "spilo:index:Guard orders-kept-until-deletionProtection-is-false",
        "spilo:index:ProcessLimits orders-local-process-limits",
        "spilo:index:Readiness orders-ready",
        ...[4, 5].map((index) => `${turn} orders-${index}-turn`),
      ].sort(),
    );
  });

  it("of the image changes the members and nothing that stands beside them", async () => {
    const [old, now] = [await record(before), await record({ ...before, image: "spilo:next" })];
    expect(differing(old.resources, now.resources)).toEqual([
      `${container} orders-1`,
      `${container} orders-2`,
      `${container} orders-3`,
      `${image} orders-image-ghcr.io-zalando-spilo-17-4.0-p3`,
      `${image} orders-image-spilo-next`,
      // There, the owner of the files may have other ids.
      `${identity} orders-1-files`,
      `${identity} orders-2-files`,
      `${identity} orders-3-files`,
      `${turn} orders-1-turn`,
      `${turn} orders-2-turn`,
      `${turn} orders-3-turn`,
    ]);
  });

  it("of ttl and owner changes their marker and nothing else", async () => {
    const lease = { deletionProtection: false, finalBackup: false, owner: "team a" };
    const [old, now, longer] = [
      await record({ ...before, ...lease }),
      await record({ ...before, ...lease, ttl: "2d" }),
      await record({ ...before, ...lease, ttl: "3d", owner: "team b" }),
    ];
    expect(differing(old.resources, now.resources)).toEqual([marker]);
    expect(differing(now.resources, longer.resources)).toEqual([marker]);
    expect(differing((await record(before)).resources, old.resources)).toEqual([marker]);
  });

  it("of a zone that is lost takes its engine from those of the marker, and has nobody call there", async () => {
    const over = (available: boolean): SpiloClusterArgs => {
      const zones = ["a", "b", "c"].map((name, index) => ({
        ...{ name, address: `10.1.0.${index + 1}`, host: `tcp://10.1.0.${index + 1}:2375` },
        ...(name === "c" ? { available } : {}),
      }));
      return {
        name: "orders",
        owner: "a",
        placement: { mode: "cross-zone", fallbackToSameZone: true, zones },
      };
    };
    const [old, now] = [await record(over(true)), await record(over(false))];
    const inputsOf = ({ resources }: typeof old) =>
      resources.find(({ type }) => type === "spilo:index:Marker")?.inputs;
    const [a, b, c] = ["tcp://10.1.0.1:2375", "tcp://10.1.0.2:2375", "tcp://10.1.0.3:2375"];
    expect(inputsOf(old)).toMatchObject({ engines: [a, b, c] });
    expect(inputsOf(old)).not.toHaveProperty("lost");
    expect(inputsOf(now)).toMatchObject({ engines: [a, b], lost: [c] });
  });

  it("of nothing changes nothing", async () => {
    const [old, now] = [await record(before), await record(before)];
    expect(differing(old.resources, now.resources)).toEqual([]);
  });
});

describe("a renewal", () => {
  it("of one certificate changes the files of that part and nothing else", async () => {
    const renewed = (name: string) => name === "orders-1-certificate";
    const [old, now] = [await record({ name: "orders" }), await record({ name: "orders" }, { renewed })];
    expect(differing(old.resources, now.resources)).toEqual([`${identity} orders-1-files`]);
  });

  it("of all certificates changes the files of all parts, and replaces none", async () => {
    const args: SpiloClusterArgs = { name: "orders", endpoint: { pooled: true } };
    const renewed = (name: string) => name.endsWith("-certificate");
    const [old, now] = [await record(args), await record(args, { renewed })];
    const changed = differing(old.resources, now.resources);
    expect(changed.filter((one) => one.startsWith(identity))).toHaveLength(3 + 3 + 2 + 1);
    expect(changed.filter((one) => one.startsWith("docker:"))).toEqual([]);
  });
});

describe("a refusal", () => {
  async function refused(
    args: SpiloClusterArgs,
  ): Promise<{ message: string; registered: number; plainError: boolean }> {
    const newResource = vi.fn(() => ({ id: "", state: {} }));
    await pulumi.runtime.setMocks({ newResource, call: () => ({}) }, "pulumi-spilo", "dev");
    try {
      new SpiloCluster("orders", args);
    } catch (error) {
      await pulumi.runtime.disconnect();
      const message = error instanceof Error ? error.message : String(error);
      return {
        message,
        registered: newResource.mock.calls.length,
        // With a stack, Pulumi has Node inspect it: see components/refusal.ts.
        plainError: pulumi.RunError.isInstance(error) && error.stack === "",
      };
    }
    throw new Error("it was not refused");
  }

  it("comes before anything is registered, without a stack, and names every error", async () => {
    const { message, registered, plainError } = await refused({ name: "Orders", members: 12 });
    expect(registered).toBe(0);
    expect(plainError).toBe(true);
    expect(message).toContain("error  spilo:cluster.name:");
    expect(message).toContain("error  spilo:cluster.members: 12");
  });

  it("asks for the key of an S3 server that is not ours", async () => {
    const { message, registered } = await refused({
      name: "orders",
      backup: { endpoint: "https://s3.example.org" },
    });
    expect(registered).toBe(0);
    expect(message).toContain("pulumi config set --secret spilo:s3SecretKey");
  });

  it("does not take a key for the server that makes its own", async () => {
    const { message } = await refused({ name: "orders", storeKey: { accessKey: "a", secretKey: "b" } });
    expect(message).toContain("Set backup.endpoint, or remove spilo:s3AccessKey and spilo:s3SecretKey.");
  });

  it("does not take an authority beside the one that the cluster makes", async () => {
    const authority = { certificate: "c", privateKey: "k" };
    const { message, registered } = await refused({ name: "orders", authority });
    expect(registered).toBe(0);
    expect(message).toContain('spilo:cluster.tls.ca is "generated"');
    expect(message).toContain("Set tls.ca to given, or remove spilo:caCertificate and spilo:caPrivateKey.");
  });

  it("asks for the authority that is said to be given", async () => {
    const { message, registered } = await refused({ name: "orders", tls: { ca: "given" } });
    expect(registered).toBe(0);
    expect(message).toContain('error  spilo:cluster.tls.ca: "given"');
    expect(message).toContain("pulumi config set --secret spilo:caPrivateKey < ca.key");
  });
});
