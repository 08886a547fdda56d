import { describe, expect, it } from "vitest";
import { memberInputs } from "../../components/docker/member-inputs.ts";
import { containerSchema, liveLimits } from "../../toolchain/docker-plugin/container/schema.ts";
import { overZones } from "../unit/zone-specifications.ts";
import { differing, ofType, record } from "./recorder.ts";

const container = "docker:index/container:Container";

/** With every key that gives a member another input. */
const complete = { name: "orders", resources: { memory: "3GB", cpus: 1.5, shm: "1GB", volume: "10GB" } };

/** In one zone, and over several. */
async function memberContainers() {
  return [
    await memberContainersOf({}, ["orders-1", "orders-2", "orders-3"]),
    await memberContainersOf(overZones("ab"), ["orders-1-a", "orders-2-b", "orders-3-a"]),
  ];
}

async function memberContainersOf(placed: object, names: readonly string[]) {
  const { resources } = await record({ ...complete, ...placed });
  const inputs = ofType(resources, container);
  const options = resources.filter(({ type }) => type === container);
  return names.map((name) => ({
    keys: Object.keys(inputs.get(name) ?? {}).sort(),
    replaceOnChanges: options.find((one) => one.name === name)?.replaceOnChanges ?? [],
  }));
}

const classified = Object.entries(memberInputs);

describe("the list of a member's inputs", () => {
  it("has each of those that are registered, and no other", async () => {
    const registered = await memberContainers();
    for (const [first, ...others] of registered) {
      for (const { keys } of others) expect(keys).toEqual(first?.keys);
    }
    const all = new Set(registered.flat().flatMap(({ keys }) => keys));
    expect([...all].sort()).toEqual(classified.map(([name]) => name).sort());
  });

  it("says replace of what the provider replaces for, or is told to, and of nothing else", async () => {
    const [first] = (await memberContainers()).flat();
    const replaced = classified.filter(([name]) => {
      return containerSchema[name]?.replaces === true || first?.replaceOnChanges.includes(name);
    });
    const said = classified.filter(([, input]) => input.class === "replace");
    expect(said.map(([name]) => name)).toEqual(replaced.map(([name]) => name));
  });

  it("says harmless of nothing by which the engine changes a running container", () => {
    const reached = classified.filter(([name, input]) => input.class === "harmless" && liveLimits.has(name));
    // The engine is told of it, and the container is not touched.
    expect(reached.map(([name]) => name)).toEqual(["restart"]);
  });

  it("is of inputs that the provider has, each with a reason", () => {
    for (const [name, { why }] of classified) {
      expect(containerSchema[name], name).toBeDefined();
      expect(why, name).toMatch(/[^.]$/);
    }
  });
});

it("the declared size of a volume is no input of any resource but the settings: half of it bounds the WAL for slots", async () => {
  const [old, now] = [await record(sized("10GB")), await record(sized("20GB"))];
  expect(differing(old.resources, now.resources)).toEqual(["spilo:index:DynamicSettings orders-settings"]);
});

function sized(volume: string) {
  return { name: "orders", resources: { volume } };
}
