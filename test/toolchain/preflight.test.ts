import { afterEach, describe, expect, it } from "vitest";
import { connectEngine } from "../../toolchain/engine.ts";
import { checkDisk, checkNames, checkSubnet, overlaps } from "../../toolchain/preflight.ts";

describe("disk", () => {
  it("refuses to begin with less than 6 GiB free", async () => {
    await expect(checkDisk(async () => 5.9)).rejects.toMatchObject({
      message: "disk: 5.9 GiB free",
      reason: "tools, images and a first cluster take 6 GiB.",
    });
  });

  it("begins with 6 GiB", async () => {
    await expect(checkDisk(async () => 6)).resolves.toBeUndefined();
  });
});

describe("subnet", () => {
  const engine = connectEngine();
  const name = `pstool-${process.pid}`;
  const owner = { project: "pulumi-spilo", stack: "pstool" };

  afterEach(async () => {
    await engine
      .getNetwork(name)
      .remove()
      .catch(() => undefined);
  });

  async function network(labels: Record<string, string>): Promise<void> {
    await engine.createNetwork({
      Name: name,
      Labels: labels,
      IPAM: { Config: [{ Subnet: "10.99.200.0/25" }] },
    });
  }

  it("refuses one that a foreign network holds, naming it", async () => {
    await network({});
    await expect(checkSubnet(engine, "10.99.200.0/24", owner)).rejects.toMatchObject({
      message: "spilo:cluster.network.subnet: 10.99.200.0/24",
      reason: `it overlaps docker network ${name} (10.99.200.0/25).`,
    });
  });

  it("accepts its own network, and a free subnet", async () => {
    await network({ "pulumi-spilo.project": owner.project, "pulumi-spilo.stack": owner.stack });
    await expect(checkSubnet(engine, "10.99.200.0/24", owner)).resolves.toBeUndefined();
    await expect(checkSubnet(engine, "10.99.201.0/24", owner)).resolves.toBeUndefined();
  });
});

describe("names", () => {
  const engine = connectEngine();
  const name = `pstool-name-${process.pid}`;
  const owner = { project: "pulumi-spilo", stack: "pstool" };

  afterEach(async () => {
    await engine
      .getContainer(name)
      .remove({ force: true })
      .catch(() => undefined);
  });

  async function container(labels: Record<string, string>): Promise<void> {
    const [image] = await engine.listImages();
    if (!image) throw new Error("no image on this engine");
    await engine.createContainer({ name, Image: image.Id, Cmd: ["true"], Labels: labels });
  }

  it("refuses one that a foreign container has, naming it", async () => {
    await container({});
    await expect(checkNames(engine, [name], owner)).rejects.toMatchObject({
      message: expect.stringContaining(`docker container ${name} (`),
      reason: "the cluster needs this name, and the container is not this stack's.",
    });
  });

  it("accepts its own container", async () => {
    await container({ "pulumi-spilo.project": owner.project, "pulumi-spilo.stack": owner.stack });
    await expect(checkNames(engine, [name], owner)).resolves.toBeUndefined();
  });
});

it.each([
  ["10.0.0.0/8", "10.64.3.0/24", true],
  ["10.64.3.128/25", "10.64.3.0/24", true],
  ["10.64.2.0/24", "10.64.3.0/24", false],
  ["0.0.0.0/0", "10.64.3.0/24", true],
  ["192.168.1.7/24", "192.168.1.0/24", true],
  ["fd00::/64", "10.64.3.0/24", false],
])("%s and %s overlap: %s", (a, b, expected) => {
  expect(overlaps(a, b)).toBe(expected);
});
