/** Whole programs through the real Pulumi CLI: what is stable, what never is, and what drift shows. */
import * as docker from "@pulumi/docker";
import { secret } from "@pulumi/pulumi";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { docker as engine, newPrefix, sweep } from "./leftovers.ts";
import { ensureTinyImage, TINY_IMAGE } from "./tiny-image.ts";
import { newWorld, type Plan, type World } from "./world.ts";

const prefix = newPrefix("stack");
const SUBNET = "10.213.32.0/24";
let world: World;
let imported: { readonly network: string; readonly volume: string; readonly container: string };

beforeAll(async () => {
  await ensureTinyImage(engine);
  await engine.getImage(TINY_IMAGE).tag({ repo: `${prefix}image`, tag: "1" });
  imported = await makeImportable();
  world = await newWorld("stable");
  await world.up(program);
  await engine.getContainer(`${prefix}drifter`).kill();
  await engine.getContainer(`${prefix}vanisher`).remove({ force: true });
}, 120_000);

// A plan of twenty resources each, on a machine that may be busy.
vi.setConfig({ testTimeout: 120_000 });

afterAll(async () => {
  try {
    await world?.close({ refresh: true });
  } finally {
    await sweep(prefix);
  }
}, 120_000);

/** Things that stand on the engine before any program knows of them. */
async function makeImportable() {
  const name = `${prefix}imported`;
  const network = await engine.createNetwork({
    Name: name,
    IPAM: { Driver: "default", Config: [{ Subnet: "10.213.33.0/24" }] },
  });
  await engine.createVolume({ Name: name });
  const HostConfig = { NetworkMode: "bridge" };
  const container = await engine.createContainer({
    name,
    Image: TINY_IMAGE,
    Cmd: ["sleep", "600"],
    HostConfig,
  });
  await container.start();
  return { network: network.id, volume: name, container: container.id };
}

/** A container that does nothing for a long time, with a name of its own. */
function idle(name: string, args: Partial<docker.ContainerArgs> = {}): docker.Container {
  const command = ["sleep", "600"];
  return new docker.Container(name, { name: prefix + name, image: TINY_IMAGE, command, ...args });
}

/** The container that has a bit of everything and must never show a difference. */
function stable(
  net: docker.Network,
  volume: docker.Volume,
  image: docker.RemoteImage,
  without: readonly string[],
) {
  const args: docker.ContainerArgs = {
    name: `${prefix}stable`,
    image: image.imageId,
    command: ["sleep", "600"],
    hostname: "stable",
    restart: "unless-stopped",
    envs: ["B=2", "A=1", secret("PASSWORD=hunter2")],
    labels: [
      { label: "b", value: "2" },
      { label: "a", value: "1" },
    ],
    healthcheck: { tests: ["CMD", "true"], interval: "1m0s", timeout: "1.5s", startPeriod: "2s", retries: 3 },
    uploads: [
      { file: "/etc/b", content: "b" },
      { file: "/etc/a", content: secret("hunter2"), permissions: "0600" },
    ],
    capabilities: { adds: ["CAP_SYS_TIME", "CAP_NET_ADMIN"], drops: ["CAP_MKNOD"] },
    memory: 64,
    memorySwap: 128,
    memoryReservation: 32,
    cpuShares: 512,
    shmSize: 32,
    ports: [{ internal: 80 }, { internal: 443, ip: "127.0.0.1" }],
    networksAdvanced: [{ name: net.name, ipv4Address: "10.213.32.9", aliases: ["y", "x"] }],
    mounts: [
      { type: "volume", target: "/data", source: volume.name },
      { type: "tmpfs", target: "/scratch" },
    ],
    tmpfs: { "/run": "" },
    ulimits: [{ name: "nofile", soft: 1024, hard: 2048 }],
    hosts: [{ host: "other", ip: "192.0.2.1" }],
    dns: ["192.0.2.53"],
    logOpts: { "max-size": "1m" },
    stopSignal: "SIGINT",
    stopTimeout: 7,
    init: true,
    user: "0",
    workingDir: "/tmp",
    destroyGraceSeconds: 1,
  };
  const kept = Object.entries(args).filter(([name]) => !without.includes(name));
  return new docker.Container("stable", Object.assign({ image: args.image }, Object.fromEntries(kept)));
}

async function program(without: readonly string[] = []): Promise<void> {
  const net = new docker.Network("net", { name: `${prefix}net`, ipamConfigs: [{ subnet: SUBNET }] });
  const volume = new docker.Volume("volume", {
    name: `${prefix}volume`,
    labels: [{ label: "a", value: "1" }],
  });
  const image = new docker.RemoteImage("image", { name: `${prefix}image:1` });
  stable(net, volume, image, without);
  new docker.Network(`${prefix}net`);
  new docker.Volume(`${prefix}volume`);
  new docker.Container(`${prefix}container`, { image: TINY_IMAGE, command: ["sleep", "600"] });
  idle("on-host", { networkMode: "host", restart: "always" });
  idle("drifter");
  idle("vanisher");
  unstable();
  adopt();
}

/** Containers that the rules say are never at rest. */
function unstable(): void {
  idle("memory-alone", { memory: 64 });
  idle("odd-durations", { healthcheck: { tests: ["CMD", "true"], interval: "60s" } });
  idle("ended", { command: ["true"], attach: true });
  idle("unstarted", { start: false });
  idle("may-end", { command: ["true"], attach: true, mustRun: false });
  idle("short-capability", { capabilities: { adds: ["NET_ADMIN"] } });
  idle("descending-ports", { ports: [{ internal: 81 }, { internal: 80 }] });
}

function adopt(): void {
  const name = `${prefix}imported`;
  const ipamConfigs = [{ subnet: "10.213.33.0/24" }];
  new docker.Network("imported-net", { name, ipamConfigs }, { import: imported.network });
  new docker.Volume("imported-volume", { name }, { import: imported.volume });
  new docker.Container(
    "imported",
    { name, image: TINY_IMAGE, command: ["sleep", "600"] },
    { import: imported.container },
  );
}

/** The resources that are not at rest. */
function moving(plan: Plan): Record<string, string> {
  return Object.fromEntries(Object.entries(plan.steps).filter(([, step]) => step !== "same"));
}

/** What is never at rest, with or without a refresh. */
const RESTLESS = {
  "memory-alone": "update",
  "odd-durations": "update",
  ended: "update",
  unstarted: "update",
  "descending-ports": "replace",
};

describe("a second run of the same program", () => {
  it("shows differences only where the rules say so, each by its property, and no drift", async () => {
    const plan = await world.plan(program);
    expect(moving(plan)).toEqual(RESTLESS);
    expect(plan.diffs).toMatchObject({
      "memory-alone": ["memorySwap"],
      "odd-durations": ["healthcheck.interval"],
      ended: ["mustRun"],
      unstarted: ["mustRun"],
      "descending-ports": ["ports[0].internal", "ports[1].internal"],
    });
    expect(plan.shown).toContain("- memorySwap: 128");
    expect(plan.shown).toContain("~ mustRun: false => true");
  });

  it("shows after a refresh what was stopped and removed meanwhile, and short capability names", async () => {
    const plan = await world.plan(program, { refresh: true });
    const drift = { drifter: "update", vanisher: "create", "short-capability": "replace" };
    expect(moving(plan)).toEqual({ ...RESTLESS, ...drift });
    expect(plan.diffs["drifter"]).toEqual(["mustRun"]);
  });

  it("shows what is left out, unless the engine fills it in, and hides what is secret in it", async () => {
    const computed = ["envs", "labels", "healthcheck", "command"];
    const plan = await world.plan(() => program([...computed, "uploads", "networksAdvanced"]));
    expect(moving(plan)).toEqual({ ...RESTLESS, stable: "replace" });
    expect(plan.diffs["stable"]).toEqual(["networksAdvanced", "uploads"]);
    expect(plan.shown).toContain("[secret]");
    expect(plan.shown).not.toContain("hunter2");
  });
});

describe("secrets", () => {
  it("are not in the checkpoint", async () => {
    const checkpoint = await world.checkpoint();
    expect(checkpoint).toContain('"uploads"');
    expect(checkpoint).not.toContain("hunter2");
  });
});

describe("names", () => {
  it.each(["net", "volume", "container"])(
    "a %s is called after the resource, with seven hex digits",
    async (kind) => {
      const found = (await world.resources()).find((resource) => resource.urn.endsWith(`::${prefix}${kind}`));
      expect(found?.outputs?.["name"]).toMatch(new RegExp(`^${prefix}${kind}-[0-9a-f]{7}$`));
    },
  );

  it("a container's id is the engine's whole id", async () => {
    const found = (await world.resources()).find((resource) => resource.urn.endsWith("::stable"));
    expect(found?.id).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe("an engine that does not answer", () => {
  it("fails even a plan with nothing to change", async () => {
    world.setEnv("DOCKER_HOST", "unix:///nowhere.sock");
    try {
      await expect(world.plan(program)).rejects.toThrow(
        "Cannot connect to the Docker daemon at unix:///nowhere.sock",
      );
    } finally {
      world.setEnv("DOCKER_HOST", process.env["DOCKER_HOST"] ?? "");
    }
  });
});
