/** A zone whose engine is gone for good leaves the state without a call; one that is there is removed with the rest. */
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as docker from "@pulumi/docker";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LostZone } from "../../components/resources/lost-zone.ts";
import { Zone } from "../../components/resources/zone.ts";
import { docker as engine, newPrefix, sweep } from "./leftovers.ts";
import { type Relay, startRelay } from "./relay.ts";
import { ensureTinyImage, TINY_IMAGE } from "./tiny-image.ts";
import { newWorld, type World } from "./world.ts";

const prefix = newPrefix("lost-zone");
/** Labels count on the whole engine, so nothing else may have these. */
const [cluster, incarnation] = [`${prefix}orders`, "1a2b3c4d"];
let world: World;
let relay: Relay;

beforeAll(async () => {
  await ensureTinyImage(engine);
  relay = await startRelay();
  world = await newWorld("lost", { PATH: withOurProvider() });
}, 120_000);

afterAll(async () => {
  try {
    await world?.close();
  } finally {
    await relay?.close();
    await sweep(prefix);
  }
}, 120_000);

/** Pulumi looks for plugins on PATH as well. */
function withOurProvider(): string {
  const provider = join(dirname(fileURLToPath(import.meta.url)), "../../provider");
  const cli = process.env["PULUMI_SPILO_CLI"];
  return [provider, ...(cli ? [dirname(cli)] : []), process.env["PATH"]].join(delimiter);
}

/** What stands in the other zone. */
function elsewhere(): void {
  new docker.Volume("elsewhere", { name: `${prefix}elsewhere` });
}

async function withZone(): Promise<void> {
  elsewhere();
  const zone = new Zone("zone-b", { cluster, incarnation, zone: "b", engine: relay.host });
  const provider = new docker.Provider("engine-b", { host: relay.host }, { dependsOn: zone });
  const opts = { provider, deletedWith: zone };
  const owner = { project: "conformance", stack: "lost", cluster, incarnation };
  const labels = Object.entries(owner).map(([name, value]) => ({ label: `pulumi-spilo.${name}`, value }));
  const image = new docker.RemoteImage("image", { name: TINY_IMAGE, keepLocally: true }, opts);
  const net = new docker.Network("net", { name: `${prefix}net`, labels }, opts);
  const data = new docker.Volume("data", { name: `${prefix}data`, labels }, opts);
  const place = {
    networksAdvanced: [{ name: net.name }],
    volumes: [{ volumeName: data.name, containerPath: "/data" }],
  };
  const what = { name: `${prefix}part`, image: image.imageId, command: ["sleep", "600"], init: true, labels };
  new docker.Container("part", { ...what, ...place }, { ...opts, deleteBeforeReplace: true });
}

async function withoutZone(): Promise<void> {
  elsewhere();
  new LostZone("lost-b", { cluster, incarnation, zone: "b", engine: relay.host });
}

/** All of the zone's things that the engine has. */
async function standing(): Promise<readonly string[]> {
  const filters = { label: [`pulumi-spilo.cluster=${cluster}`] };
  const [containers, networks, { Volumes: volumes }] = await Promise.all([
    engine.listContainers({ all: true, filters }),
    engine.listNetworks({ filters }),
    engine.listVolumes({ filters }),
  ]);
  const names = [...containers.flatMap(({ Names }) => Names), ...networks.map(({ Name }) => Name)];
  return [...names, ...(volumes ?? []).map(({ Name }) => Name)];
}

async function known(): Promise<readonly string[]> {
  return (await world.resources()).map(({ urn }) => urn.slice(urn.lastIndexOf("::") + 2)).toSorted();
}

describe("a zone that is there", () => {
  it("has nothing left on its engine when the stack is destroyed", async () => {
    await world.up(withZone);
    expect(await standing()).toHaveLength(3);
    await world.destroy();
    expect([await standing(), await known()]).toEqual([[], []]);
  });
});

describe("a zone whose engine is gone", () => {
  const gone = "Cannot connect to the Docker daemon";

  beforeAll(async () => {
    await world.up(withZone);
    await relay.lose();
  });

  it("fails a plan as long as it is declared", async () => {
    await expect(world.plan(withZone)).rejects.toThrow(gone);
  });

  it("is planned to go once it is declared as lost", async () => {
    const { steps } = await world.plan(withoutZone);
    const deleted = Object.keys(steps).filter((name) => steps[name] === "delete");
    expect(deleted.toSorted()).toEqual(["data", "engine-b", "image", "net", "part", "zone-b"]);
  });

  it("cannot be refreshed, but what stands elsewhere can", async () => {
    await expect(world.plan(withoutZone, { refresh: true })).rejects.toThrow(gone);
    const resources = await world.resources();
    const zone = resources.find(({ type }) => type === "spilo:index:Zone")?.urn;
    const dropped = resources.filter(({ deletedWith }) => deletedWith === zone);
    expect(dropped).toHaveLength(4);
    await world.refreshBut(dropped.map(({ urn }) => urn));
    expect(await known()).toContain("part");
  });

  it("goes from the state by a plain update that leaves all as it is there", async () => {
    const before = await standing();
    await world.up(withoutZone);
    const left = (await known()).filter((name) => !name.startsWith("default"));
    expect(left).toEqual(["conformance-lost", "elsewhere", "lost-b"]);
    expect(await standing()).toEqual(before);
    expect((await world.plan(withoutZone, { refresh: true })).steps).not.toHaveProperty("part");
  });
});
