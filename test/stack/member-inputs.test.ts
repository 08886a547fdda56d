import { describe, expect, it } from "vitest";
import { memberInputs } from "../../components/docker/member-inputs.ts";
import { containerSchema, liveLimits } from "../../toolchain/docker-plugin/container/schema.ts";
import { differing, ofType, record } from "./recorder.ts";

const container = "docker:index/container:Container";

/** With every key that gives a member another input. */
const complete = { name: "orders", resources: { memory: "3GB", cpus: 1.5, shm: "1GB", volume: "10GB" } };

async function memberContainers() {
  const { resources } = await record(complete);
  const inputs = ofType(resources, container);
  const options = resources.filter(({ type }) => type === container);
  return ["orders-1", "orders-2", "orders-3"].map((name) => ({
    keys: Object.keys(inputs.get(name) ?? {}).sort(),
    replaceOnChanges: options.find((one) => one.name === name)?.replaceOnChanges ?? [],
  }));
}

const classified = Object.entries(memberInputs);

describe("the list of a member's inputs", () => {
  it("has each of those that are registered, and no other", async () => {
    const listed = classified.map(([name]) => name).sort();
    for (const { keys } of await memberContainers()) expect(keys).toEqual(listed);
  });

  it("says replace of what the provider replaces for, or is told to, and of nothing else", async () => {
    const [first] = await memberContainers();
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

it("the declared size of a volume is no input of any resource but the specification", async () => {
  const [old, now] = [await record(sized("10GB")), await record(sized("20GB"))];
  expect(differing(old.resources, now.resources)).toEqual([]);
});

function sized(volume: string) {
  return { name: "orders", resources: { volume } };
}
