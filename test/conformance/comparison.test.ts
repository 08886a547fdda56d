/** When two spellings of a property mean the same, decided without any engine. */
import { describe, expect, it } from "vitest";
import { container } from "../../toolchain/docker-plugin/container/container.ts";
import { difference } from "../../toolchain/docker-plugin/plan.ts";
import type { Properties, Value } from "../../toolchain/docker-plugin/values.ts";
import { base, changes, checked, label, looked, type Sample } from "./rules.ts";

describe("order", () => {
  it.each<Sample>([
    ["envs", ["A=1", "B=2"], ["B=2", "A=1"]],
    ["labels", [label("a"), label("b")], [label("b"), label("a")]],
    ["uploads", [upload("/a"), upload("/b")], [upload("/b"), upload("/a")]],
    ["networksAdvanced", [{ name: "a" }, { name: "b" }], [{ name: "b" }, { name: "a" }]],
    ["networksAdvanced", [{ name: "a", aliases: ["x", "y"] }], [{ name: "a", aliases: ["y", "x"] }]],
    ["capabilities", { adds: ["CAP_A", "CAP_B"] }, { adds: ["CAP_B", "CAP_A"] }],
  ])("%s: means nothing", (name, before, after) => {
    expect(changes(container, { ...base, [name]: before }, { ...base, [name]: after })).toEqual([]);
  });

  it.each<Sample>([
    ["command", ["a", "b"], ["b", "a"]],
    ["entrypoints", ["a", "b"], ["b", "a"]],
  ])("%s: matters", (name, before, after) => {
    expect(changes(container, { ...base, [name]: before }, { ...base, [name]: after })).toEqual([`${name}!`]);
  });

  it("ports: any but the ascending one replaces, for ever", () => {
    const [low, high] = [
      { internal: 80, external: 1 },
      { internal: 443, external: 2 },
    ];
    expect(changes(container, { ...base, ports: [low, high] }, { ...base, ports: [high, low] })).toEqual([
      "ports!",
    ]);
  });

  it("ports: tcp and udp of one number may stand in either", () => {
    const port = (protocol: string): Value => ({ internal: 53, external: 1053, protocol });
    const either = { ...base, ports: [port("tcp"), port("udp")] };
    expect(changes(container, either, { ...base, ports: [port("udp"), port("tcp")] })).toEqual([]);
    expect(changes(container, either, { ...base, ports: [port("udp")] })).toEqual(["ports!"]);
  });

  it("ports: one that the engine chose is no difference", () => {
    const state = { ...base, ports: [{ internal: 80, external: 32_768, ip: "0.0.0.0", protocol: "tcp" }] };
    expect(changes(container, state, { ...base, ports: [{ internal: 80 }] })).toEqual([]);
  });
});

describe("spelling", () => {
  it.each([
    ["60s", "1m0s"],
    ["1500ms", "1.5s"],
  ])("healthcheck: %s read back as %s is an update, for ever", (written, readBack) => {
    const check = (interval: string): Properties => ({
      ...base,
      healthcheck: { tests: ["CMD", "true"], interval },
    });
    expect(changes(container, check(readBack), check(written))).toEqual(["healthcheck"]);
    expect(changes(container, check(readBack), check(readBack))).toEqual([]);
  });

  it("healthcheck: fields that are left out equal Go's zero", () => {
    const readBack = { tests: ["CMD", "true"], interval: "0s", timeout: "0s", startPeriod: "0s", retries: 0 };
    const written = { tests: ["CMD", "true"] };
    expect(changes(container, { ...base, healthcheck: readBack }, { ...base, healthcheck: written })).toEqual(
      [],
    );
  });

  it("capabilities: NET_ADMIN where the engine says CAP_NET_ADMIN replaces", () => {
    const adds = (name: string): Properties => ({ ...base, capabilities: { adds: [name] } });
    expect(changes(container, adds("CAP_NET_ADMIN"), adds("NET_ADMIN"))).toEqual(["capabilities!"]);
    expect(changes(container, adds("ALL"), adds("ALL"))).toEqual([]);
  });

  it("memory: the swap that the engine adds to it is removed by an update", () => {
    const state = { ...base, memory: 64, memorySwap: 128 };
    expect(changes(container, state, { ...base, memory: 64 })).toEqual(["memorySwap"]);
    expect(changes(container, state, state)).toEqual([]);
  });

  it("zero values and their absence are the same", () => {
    const zeros = { ...base, domainname: "", cpuShares: 0, privileged: false, dns: [], sysctls: {} };
    expect(changes(container, zeros, base)).toEqual([]);
    expect(changes(container, base, zeros)).toEqual([]);
  });

  it("uploads: a source is compared by its name and sourceHash, not by what the file holds", () => {
    const from = (sourceHash: string): Properties => ({
      ...base,
      uploads: [{ file: "/a", source: "/s", sourceHash }],
    });
    expect(changes(container, from("1"), from("1"))).toEqual([]);
    expect(changes(container, from("1"), from("2"))).toEqual(["uploads!"]);
  });
});

describe("the place of a difference", () => {
  const places = (before: Properties, after: Properties) => {
    const state = { ...looked, ...checked(container, { ...base, ...before }) };
    const { changes } = difference(container, state, checked(container, { ...base, ...after }), new Set());
    return changes.map((change) => [change.path, change.kind]);
  };

  it("is the field of an object", () => {
    const check = (interval: string) => ({ healthcheck: { tests: ["CMD", "true"], interval } });
    expect(places(check("1m0s"), check("60s"))).toEqual([["healthcheck.interval", "update"]]);
  });

  it("is the field of an object in a list", () => {
    const ports = (external: number) => ({ ports: [{ internal: 80, external }] });
    expect(places(ports(1), ports(2))).toEqual([["ports[0].external", "update"]]);
  });

  it("is the property itself otherwise", () => {
    expect(places({ envs: ["A=1"] }, { envs: ["A=2"] })).toEqual([["envs", "update"]]);
    expect(places({}, { dns: ["192.0.2.1"] })).toEqual([["dns", "add"]]);
    expect(places({ memorySwap: 128 }, {})).toEqual([["memorySwap", "delete"]]);
    expect(places({ mustRun: false }, {})).toEqual([["mustRun", "update"]]);
  });
});

function upload(file: string): Properties {
  return { file, content: "x" };
}
