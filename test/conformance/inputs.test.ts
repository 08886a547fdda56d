/** Checks of inputs, made-up names, previews, and the rules of networks, volumes and images, without any engine. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { describe, expect, it } from "vitest";
import { checkInputs } from "../../toolchain/docker-plugin/check.ts";
import { container } from "../../toolchain/docker-plugin/container/container.ts";
import { image } from "../../toolchain/docker-plugin/image.ts";
import { UNKNOWN } from "../../toolchain/docker-plugin/markers.ts";
import { network } from "../../toolchain/docker-plugin/network.ts";
import { difference, foreseen, updated } from "../../toolchain/docker-plugin/plan.ts";
import type { Properties, Value } from "../../toolchain/docker-plugin/values.ts";
import { volume } from "../../toolchain/docker-plugin/volume.ts";
import { base, changes, checked, label, looked, naming, type Sample } from "./rules.ts";

describe("networks, volumes and images", () => {
  it.each<Sample>([
    ["name", "a", "b"],
    ["driver", "bridge", "macvlan"],
    ["internal", true, false],
    ["attachable", true, false],
    ["ingress", true, false],
    ["ipv6", true, false],
    ["ipamDriver", "default", "other"],
    ["ipamOptions", { a: "1" }, { a: "2" }],
    ["ipamConfigs", [{ subnet: "192.0.2.0/24" }], [{ subnet: "198.51.100.0/24" }]],
    ["options", { a: "1" }, { a: "2" }],
    ["labels", [label("a")], [label("b")]],
  ])("network %s: a change replaces", (name, before, after) => {
    const named = { name: "n" };
    expect(changes(network, { ...named, [name]: before }, { ...named, [name]: after })).toEqual([`${name}!`]);
  });

  it("network ipamDriver: is `default` when not given", () => {
    expect(checked(network, {})["ipamDriver"]).toBe("default");
  });

  it.each(["driver", "internal", "options", "ipamConfigs"])(
    "network %s: is the engine's when left out",
    (name) => {
      const there: Properties = {
        driver: "bridge",
        internal: true,
        options: { a: "1" },
        ipamConfigs: [{ subnet: "x" }],
      };
      expect(changes(network, { name: "n", [name]: there[name] }, { name: "n" })).toEqual([]);
    },
  );

  it.each<Sample>([
    ["name", "a", "b"],
    ["driver", "local", "other"],
    ["driverOpts", { type: "tmpfs" }, { type: "nfs" }],
    ["labels", [label("a")], [label("b")]],
  ])("volume %s: a change replaces", (name, before, after) => {
    expect(changes(volume, { name: "v", [name]: before }, { name: "v", [name]: after })).toEqual([
      `${name}!`,
    ]);
  });

  it.each<Sample>([
    ["name", "a:1", "a:2"],
    ["platform", "linux/amd64", "linux/arm64"],
    ["pullTriggers", ["1"], ["2"]],
    ["triggers", { a: "1" }, { a: "2" }],
  ])("image %s: a change replaces", (name, before, after) => {
    expect(changes(image, { name: "i:1", [name]: before }, { name: "i:1", [name]: after })).toEqual([
      `${name}!`,
    ]);
  });

  it.each(["keepLocally", "forceRemove"])("image %s: a change is an update", (name) => {
    expect(changes(image, { name: "i:1" }, { name: "i:1", [name]: true })).toEqual([name]);
  });

  it.each([network, volume])("a chosen name makes the replacement delete first: $token", (kind) => {
    const chosen = difference(kind, {}, checked(kind, { name: "n" }), new Set());
    const madeUp = difference(kind, {}, checked(kind, {}), new Set());
    expect([chosen.deletesFirst, madeUp.deletesFirst]).toEqual([true, false]);
  });
});

describe("names", () => {
  it.each([container, network, volume])("are made up as <resource>-<7 hex>: $token", (kind) => {
    const inputs = kind === container ? { image: "tiny:1" } : {};
    expect(checked(kind, inputs)["name"]).toMatch(/^db-[0-9a-f]{7}$/);
  });

  it("made up stay as they are", () => {
    const first = checked(network, {});
    expect(checked(network, {}, first)["name"]).toBe(first["name"]);
  });

  it("are the same for the same seed, so that preview and update agree", () => {
    const seeded = { logicalName: "db", seed: new Uint8Array([1, 2, 3]) };
    const name = () => checkInputs(network, {}, {}, seeded).inputs["name"];
    expect(name()).toBe(name());
  });

  it("that a program gave up are made up anew", () => {
    const before = checked(network, { name: "mine" });
    expect(checked(network, {}, before)["name"]).toMatch(/^db-[0-9a-f]{7}$/);
  });
});

describe("inputs", () => {
  it("that nobody knows are an error that names them", () => {
    const { problems } = checkInputs(container, {}, { ...base, imagee: "x" }, naming);
    expect(problems).toEqual([
      {
        property: "imagee",
        reason: expect.stringContaining("'imagee' is not an input of docker:index/container"),
      },
    ]);
  });

  it("are known by name in nested objects too", () => {
    const { problems } = checkInputs(
      container,
      {},
      { ...base, networksAdvanced: [{ name: "a", alias: "x" }] },
      naming,
    );
    expect(problems[0]?.property).toBe("networksAdvanced[0].alias");
  });

  it("that are required are asked for", () => {
    expect(checkInputs(container, {}, {}, naming).problems[0]?.reason).toContain("'image'");
  });

  it.each<readonly [string, Value]>([
    ["restart", "sometimes"],
    ["memory", -1],
    ["memorySwap", -2],
    ["cpuSet", "a"],
    ["envs", "A=1"],
    ["tty", "yes"],
    ["healthcheck", { tests: ["CMD"], interval: "1 minute" }],
    ["mounts", [{ type: "other", target: "/a" }]],
  ])("%s: a value that cannot be is refused", (name, value) => {
    expect(checkInputs(container, {}, { ...base, [name]: value }, naming).problems).toHaveLength(1);
  });

  it("of a wrong type are not shown, for they may be secret", () => {
    const { problems } = checkInputs(container, {}, { ...base, envs: "PASSWORD=hunter2" }, naming);
    expect(JSON.stringify(problems)).not.toContain("hunter2");
  });

  it.each([
    ["container", container],
    ["network", network],
    ["volume", volume],
    ["remoteImage", image],
  ])("of the SDK's %s are all known", (file, kind) => {
    const path = createRequire(import.meta.url).resolve(`@pulumi/docker/${file}.js`);
    const names = [...readFileSync(path, "utf8").matchAll(/resourceInputs\["(\w+)"\] = args\?\.(\w+)/g)];
    expect(names.length).toBeGreaterThan(3);
    expect(names.map(([, name]) => name).filter((name) => kind.schema[name ?? ""] === undefined)).toEqual([]);
  });
});

describe("a preview", () => {
  it("knows the inputs and defaults, and marks what only the engine can tell", () => {
    const promised = foreseen(container, checked(container, base));
    expect(promised).toMatchObject({
      name: "db",
      networkMode: "bridge",
      networkDatas: UNKNOWN,
      hostname: UNKNOWN,
    });
  });

  it("takes a value that is not known yet for a change", () => {
    expect(changes(container, base, { ...base, image: UNKNOWN })).toEqual(["image!"]);
    expect(changes(container, { ...base, envs: ["A=1"] }, { ...base, envs: [UNKNOWN] })).toEqual(["envs!"]);
  });

  it("shows nothing that the program ignores", () => {
    const state = { ...looked, ...checked(container, base), mustRun: false };
    const seen = difference(container, state, checked(container, base), new Set(["mustRun"]));
    expect(seen.changes).toEqual([]);
  });

  it("of an update keeps what the engine told", () => {
    const state = { ...looked, ...checked(container, base), hostname: "abc", memory: 64 };
    const next = updated(container, state, checked(container, { ...base, memory: 128 }));
    expect(next).toMatchObject({ hostname: "abc", memory: 128 });
  });
});
