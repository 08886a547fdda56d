/** Replacements through the real Pulumi CLI: in which order, what is lost, and what a failed creation leaves. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as docker from "@pulumi/docker";
import { secret } from "@pulumi/pulumi";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { docker as engine, newPrefix, run, sweep } from "./leftovers.ts";
import { ensureTinyImage, TINY_IMAGE } from "./tiny-image.ts";
import { newWorld, type World } from "./world.ts";

const prefix = newPrefix("replacement");
let folder: string;
const worlds: World[] = [];

beforeAll(async () => {
  await ensureTinyImage(engine);
  folder = await mkdtemp(join(tmpdir(), "psconf-replacement-"));
}, 120_000);

// Several updates each, on a machine that may be busy.
vi.setConfig({ testTimeout: 120_000 });

afterAll(async () => {
  try {
    for (const world of worlds) await world.close();
  } finally {
    await sweep(prefix);
    await rm(folder, { recursive: true });
  }
}, 120_000);

async function open(name: string): Promise<World> {
  const world = await newWorld(name);
  worlds.push(world);
  return world;
}

async function idOf(name: string): Promise<string> {
  return (await engine.getContainer(prefix + name).inspect()).Id;
}

describe("a network and a volume whose names a container takes from their outputs", () => {
  const program = (version: string) => async () => {
    const labels = [{ label: "version", value: version }];
    const net = new docker.Network("net", { name: `${prefix}net`, labels });
    const volume = new docker.Volume("volume", { name: `${prefix}volume`, labels });
    new docker.Container("user", {
      name: `${prefix}user`,
      image: TINY_IMAGE,
      command: ["sleep", "600"],
      networksAdvanced: [{ name: net.name }],
      volumes: [{ volumeName: volume.name, containerPath: "/data" }],
    });
  };

  it("are replaced after the container is deleted, and the volume's data is lost", async () => {
    const world = await open("cascade");
    await world.up(program("1"));
    await run(`${prefix}user`, "touch", "/data/precious");
    const before = await idOf("user");
    await world.up(program("2"));
    expect(await idOf("user")).not.toBe(before);
    expect(await run(`${prefix}user`, "ls", "/data")).toBe("");
  });
});

describe("destroyGraceSeconds raised together with a replacing change", () => {
  /** A container that needs a moment for its last words, which it writes outside. */
  const program = (run: string, destroyGraceSeconds: number) => async () => {
    const script = `trap 'sleep 1; echo bye > /out/${run}; exit' TERM; touch /out/${run}.up; while :; do sleep 0.05; done`;
    new docker.Container("talker", {
      name: `${prefix}talker`,
      image: TINY_IMAGE,
      command: ["sh", "-c", script],
      volumes: [{ hostPath: folder, containerPath: "/out" }],
      destroyGraceSeconds,
    });
  };
  const words = (name: string) => readFile(join(folder, name), "utf8").catch(() => "nothing");

  it("holds for the next replacement, not for this one", async () => {
    const world = await open("grace");
    await world.up(program("first", 0));
    await expect.poll(() => words("first.up"), { timeout: 15_000 }).toBe("");
    await world.up(program("second", 10));
    expect(await words("first")).toBe("nothing");
    await expect.poll(() => words("second.up"), { timeout: 15_000 }).toBe("");
    await world.up(program("third", 10));
    expect(await words("second")).toBe("bye\n");
  });
});

describe("a creation that fails half-way", () => {
  const program = (test: string) => async () => {
    new docker.Container("patient", {
      name: `${prefix}patient`,
      image: TINY_IMAGE,
      command: ["sleep", "600"],
      envs: [secret("PASSWORD=hunter2")],
      healthcheck: { tests: ["CMD", test], interval: "250ms" },
      wait: true,
      waitTimeout: test === "false" ? 1 : 30,
    });
  };

  it("stays in the state with its error, and is replaced by the next update", async () => {
    const world = await open("failing");
    expect(await world.upFails(program("false"))).toContain("container failed to be in healthy state");
    const left = (await world.resources()).find((resource) => resource.urn.endsWith("::patient"));
    const id = await idOf("patient");
    expect(left).toMatchObject({ id, initErrors: ["container failed to be in healthy state"] });
    expect(await world.checkpoint()).not.toContain("hunter2");
    const plan = await world.plan(program("false"));
    expect([plan.steps["patient"], plan.diffs["patient"]]).toEqual([
      "replace",
      ["entrypoints", "networkDatas"],
    ]);
    expect(plan.shown).toMatch(/\+ entrypoints +: <null>/);
    await world.up(program("true"));
    expect(await idOf("patient")).not.toBe(id);
  });
});
