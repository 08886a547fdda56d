import { describe, expect, it } from "vitest";
import { z } from "zod";
import { ofType, type Recorded, record } from "./recorder.ts";

const container = "docker:index/container:Container";
const identity = "spilo:index:Identity";
const subnet = "10.90.7.0/24";

describe("the inputs of what docker makes", () => {
  it("are complete, so that a second preview finds nothing to change", async () => {
    const resources = { memory: "3GB", cpus: 1.5 };
    const recording = await record({ name: "orders", network: { subnet }, resources });
    const networks = ofType(recording.resources, "docker:index/network:Network");
    expect(networks.get("orders-local-network")).toMatchObject({
      name: "orders",
      driver: "bridge",
      ipamConfigs: [{ subnet, gateway: "10.90.7.1", ipRange: "10.90.7.128/25" }],
    });
    const containers = ofType(recording.resources, container);
    expect(containers.get("orders-2")).toMatchObject({
      name: "orders-2",
      hostname: "orders-2",
      image: "sha256:ghcr.io/zalando/spilo-17:4.0-p3",
      networksAdvanced: [{ name: "orders", ipv4Address: "10.90.7.12" }],
      volumes: [
        { volumeName: "orders-2-data-1a2b3c4d", containerPath: "/home/postgres/pgdata" },
        identityOf("orders-2"),
      ],
      memory: 3072,
      memorySwap: 3072,
      cpus: "1.5",
      shmSize: 256,
      destroyGraceSeconds: 60,
      restart: "always",
    });
    expect(containers.get("orders-etcd-3")).toMatchObject({
      command: ["/usr/local/bin/etcd", "--config-file=/etc/identity/etcd.yml"],
      networksAdvanced: [{ name: "orders", ipv4Address: "10.90.7.33" }],
      volumes: [
        { volumeName: "orders-etcd-3-data-1a2b3c4d", containerPath: "/var/lib/etcd" },
        identityOf("orders-etcd-3"),
      ],
    });
  });

  it("publish no port and change no label for the life of the cluster", async () => {
    const { resources } = await record({ name: "orders" });
    for (const [name, inputs] of ofType(resources, container)) {
      expect(Object.keys(inputs), name).not.toContain("ports");
      expect(inputs["labels"], name).toEqual([
        { label: "pulumi-spilo.project", value: "pulumi-spilo" },
        { label: "pulumi-spilo.stack", value: "dev" },
        { label: "pulumi-spilo.cluster", value: "orders" },
        { label: "pulumi-spilo.part", value: expect.stringMatching(/^(member|voter|proxy|s3)$/) },
        { label: "pulumi-spilo.incarnation", value: "1a2b3c4d" },
      ]);
    }
  });
});

it("a proxy has its configurations beside its certificate, and shows the one that holds no secret", async () => {
  const { resources } = await record({ name: "orders", network: { subnet } });
  expect(ofType(resources, container).get("orders-proxy-2")).toMatchObject({
    networksAdvanced: [{ name: "orders", ipv4Address: "10.90.7.22" }],
    volumes: [identityOf("orders-proxy-2")],
  });
  expect(ofType(resources, identity).get("orders-proxy-2-files")).toMatchObject({
    configuration: { "haproxy.cfg": expect.stringContaining("backend leader") },
    secretConfiguration: { "keepalived.conf": expect.stringContaining("unicast_src_ip 10.90.7.22") },
  });
});

describe("a container may do no more than it needs to", () => {
  const rights = ["CHOWN", "FOWNER", "KILL", "SETGID", "SETUID"];
  /** As docs/security.md has it. */
  const documented = [
    ["member", "orders-1", [...rights, "DAC_OVERRIDE", "SYS_NICE"], false, 2048, 4096],
    ["voter", "orders-etcd-1", [], true, 1024, 512],
    ["proxy", "orders-proxy-1", [...rights, "NET_ADMIN", "NET_RAW"], true, 512, 512],
    ["S3 server", "orders-s3", [], true, 2048, 1024],
  ] as const;

  it.each(documented)("as a %s", async (_what, name, capabilities, readOnly, memory, processes) => {
    const { resources } = await record({ name: "orders" });
    const found = confinementsOf(resources).get(name);
    expect(found?.memory).toBe(memory);
    expect(found?.readOnly).toBe(readOnly);
    expect(found?.capabilities.adds.toSorted()).toEqual(
      capabilities.map((right) => `CAP_${right}`).toSorted(),
    );
    expect(processLimitsOf(resources).get(name)).toBe(processes);
  });

  it("whichever it is: for none are new privileges, swap, or a log without end", async () => {
    const { resources } = await record({ name: "orders", members: 5, endpoint: { pooled: true } });
    const found = confinementsOf(resources);
    expect(found.size).toBe(5 + 3 + 2 + 1);
    expect([...processLimitsOf(resources).keys()].sort()).toEqual([...found.keys()].sort());
    for (const [name, { capabilities, securityOpts, memory, memorySwap, volumes, ...rest }] of found) {
      expect(capabilities.drops, name).toEqual(["ALL"]);
      expect(securityOpts, name).toEqual(["no-new-privileges"]);
      expect(memorySwap, name).toBe(memory);
      expect(rest.privileged, name).toBe(false);
      expect(Object.keys(rest.logOpts).sort(), name).toEqual(["max-file", "max-size"]);
      const mounted = volumes.map(({ volumeName }) => volumeName);
      expect(
        mounted.every((volume) => volume.startsWith(`${name}-`)),
        name,
      ).toBe(true);
    }
  });
});

/** Where a part has its certificate, which it cannot write. */
function identityOf(part: string) {
  return { volumeName: `${part}-identity-1a2b3c4d`, containerPath: "/etc/identity", readOnly: true };
}

const confinement = z.object({
  capabilities: z.object({ drops: z.array(z.string()), adds: z.array(z.string()).default([]) }),
  securityOpts: z.array(z.string()),
  privileged: z.boolean().default(false),
  readOnly: z.boolean().default(false),
  memory: z.number(),
  memorySwap: z.number(),
  logOpts: z.record(z.string(), z.string()),
  /** None is a path of the host, such as the engine's socket. */
  volumes: z.array(z.object({ volumeName: z.string() })),
});

function confinementsOf(resources: readonly Recorded[]): Map<string, z.infer<typeof confinement>> {
  return new Map(
    [...ofType(resources, container)].map(([name, inputs]) => [name, confinement.parse(inputs)]),
  );
}

const limits = z.object({ containers: z.array(z.object({ name: z.string(), processes: z.number() })) });

function processLimitsOf(resources: readonly Recorded[]): Map<string, number> {
  const all = [...ofType(resources, "spilo:index:ProcessLimits").values()];
  const containers = all.flatMap((inputs) => limits.parse(inputs).containers);
  return new Map(containers.map(({ name, processes }) => [name, processes]));
}
