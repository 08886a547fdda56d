import { describe, expect, it } from "vitest";
import { stateWithout } from "../../actions/sweep/state-without.ts";

const root = { urn: "stack", type: "pulumi:pulumi:Stack" };
const provider = { urn: "docker", type: "pulumi:providers:docker", parent: "stack" };
const orders = { ...component("orders"), parent: "stack" };
const part = { urn: "orders-1", type: "docker:index/container:Container", parent: "orders" };

function component(cluster: string) {
  return { urn: cluster, type: "spilo:index:SpiloCluster", inputs: { cluster } };
}

function state(resources: readonly object[], pending: readonly object[] = []) {
  return { version: 3, deployment: { manifest: {}, resources, pending_operations: pending } };
}

describe("a state without a cluster", () => {
  it("is empty when it had no more than that and what every stack has", () => {
    expect(stateWithout(state([root, provider, orders, part]), "orders")).toMatchObject({
      dropped: 2,
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
    const found = stateWithout(state([root, cart, orders, part, ...rest]), "orders");
    expect(found).toMatchObject({ dropped: 2, isEmpty: false });
    expect(found.left).toEqual(state([root, cart, ...rest]));
  });

  it("has nothing pending of the cluster, and all else that is", () => {
    const pending = [part, { urn: "own-2", type: "y", parent: "stack" }].map((resource) => ({
      resource,
      type: "creating",
    }));
    const own = { urn: "own", type: "y" };
    expect(stateWithout(state([root, orders, part, own], pending), "orders").left).toEqual(
      state([root, own], pending.slice(1)),
    );
  });

  it("is left as it was when it does not have the cluster", () => {
    const whole = state([root, orders, part]);
    expect(stateWithout(whole, "carts")).toEqual({ dropped: 0, isEmpty: false, left: whole });
  });

  it("is empty when nothing was ever made", () => {
    expect(stateWithout({ version: 3, deployment: { manifest: {} } }, "orders").isEmpty).toBe(true);
  });

  it("is none of what is no state", () => {
    expect(() => stateWithout({ resources: [] }, "orders")).toThrow(/deployment/);
  });
});
