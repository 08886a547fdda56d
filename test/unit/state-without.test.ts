import { describe, expect, it } from "vitest";
import { stateWithout } from "../../actions/sweep/state-without.ts";

const root = { urn: "stack", type: "pulumi:pulumi:Stack" };
const provider = { urn: "docker", type: "pulumi:providers:docker", parent: "stack" };
const orders = { ...component("orders"), parent: "stack" };
const life = { urn: "orders-life", type: "spilo:index:Incarnation", id: "1a2b3c4d", parent: "orders" };
const of = { cluster: "orders", incarnation: "1a2b3c4d" };
const part = { urn: "orders-1", type: "docker:index/container:Container", parent: "orders" };

function component(cluster: string) {
  return { urn: cluster, type: "spilo:index:SpiloCluster", inputs: { cluster } };
}

function state(resources: readonly object[], pending: readonly object[] = []) {
  return { version: 3, deployment: { manifest: {}, resources, pending_operations: pending } };
}

describe("a state without a cluster", () => {
  it("is empty when it had no more than that and what every stack has", () => {
    expect(stateWithout(state([root, provider, orders, life, part]), of)).toMatchObject({
      has: "it",
      isEmpty: true,
    });
  });

  it("keeps what else is in it, in its order, another cluster as well", () => {
    const others = [
      component("carts"),
      { urn: "carts-1", type: "x", parent: "carts" },
      { urn: "own", type: "y" },
    ];
    const [cart = root, ...rest] = others;
    const found = stateWithout(state([root, cart, orders, life, part, ...rest]), of);
    expect(found).toMatchObject({ has: "it", isEmpty: false });
    expect(found.left).toEqual(state([root, cart, ...rest]));
  });

  it("has nothing pending of the cluster, and all else that is", () => {
    const pending = [part, { urn: "own-2", type: "y", parent: "stack" }].map((resource) => ({
      resource,
      type: "creating",
    }));
    const own = { urn: "own", type: "y" };
    expect(stateWithout(state([root, orders, life, part, own], pending), of).left).toEqual(
      state([root, own], pending.slice(1)),
    );
  });

  it("has in what stays no name of what is gone, wherever Pulumi looks for one", () => {
    const own = { urn: "own", type: "y", parent: "stack", id: "1", outputs: { uri: "orders-1" } };
    const both = ["stack", "orders-1"];
    const named = {
      ...{ ...own, provider: "orders::docker::0a-1", deletedWith: "orders" },
      ...{ dependencies: both, replaceWith: both },
      propertyDependencies: { uri: both, name: ["stack"], none: null },
    };
    const docker = { urn: "orders::docker", type: "pulumi:providers:docker", parent: "orders" };
    const { left } = stateWithout(state([root, orders, life, docker, part, named]), of);
    expect(left).toEqual(
      state([
        root,
        {
          ...{ ...own, dependencies: ["stack"], replaceWith: ["stack"] },
          propertyDependencies: { uri: ["stack"], name: ["stack"], none: null },
        },
      ]),
    );
  });

  it("keeps in what stays all other names", () => {
    const own = { urn: "own", type: "y", parent: "stack", provider: "docker::0a-1", deletedWith: "stack" };
    expect(stateWithout(state([root, orders, life, own]), of).left).toEqual(state([root, own]));
  });

  it("is left as it was when it does not have the cluster", () => {
    const whole = state([root, orders, life, part]);
    expect(stateWithout(whole, { ...of, cluster: "carts" })).toEqual({
      has: "neither",
      isEmpty: false,
      left: whole,
    });
  });

  it.each([
    ["another life", [{ ...life, id: "99999999" }]],
    [
      "another life, which has replaced it",
      [
        { ...life, delete: true },
        { ...life, id: "99999999" },
      ],
    ],
    ["no life yet", []],
  ])("is left as it was when the cluster in it is of %s", (_title, lives) => {
    const whole = state([root, orders, ...lives, part]);
    expect(stateWithout(whole, of)).toEqual({ has: "another life", isEmpty: false, left: whole });
  });

  it("is empty when nothing was ever made", () => {
    const empty = { version: 3, deployment: { manifest: {} } };
    expect(stateWithout(empty, of)).toMatchObject({ has: "neither", isEmpty: true });
  });

  it("is none of what is no state", () => {
    expect(() => stateWithout({ resources: [] }, of)).toThrow(/deployment/);
  });
});
