import { afterEach, describe, expect, it } from "vitest";
import { findState } from "../../actions/sweep/find-state.ts";
import { fakePulumi } from "./fake-pulumi.ts";

const of = { project: "shop", stack: "dev", cluster: "orders", incarnation: "1a2b3c4d" };

let pulumi: Awaited<ReturnType<typeof fakePulumi>> | undefined;

afterEach(async () => {
  await pulumi?.dispose();
  pulumi = undefined;
});

/** Of a stack that has one life of the cluster. */
function stateOf(incarnation: string) {
  const resources = [
    { urn: "orders", type: "spilo:index:SpiloCluster", inputs: { cluster: "orders" } },
    { urn: "life", type: "spilo:index:Incarnation", id: incarnation, parent: "orders" },
  ];
  return { version: 3, deployment: { resources } };
}

/** With one more, which stays. */
function withMore(incarnation: string, more: object) {
  const { deployment, ...others } = stateOf(incarnation);
  return { ...others, deployment: { resources: [...deployment.resources, more] } };
}

describe("the state of a cluster that is swept", () => {
  it("is taken from the stack that has this life, of all that are called alike", async () => {
    const other = stateOf("99999999");
    pulumi = await fakePulumi({ "acme/shop/dev": other, "club/shop/dev": stateOf(of.incarnation) });
    expect(await (await findState(of)).drop()).toBe("stack club/shop/dev removed");
    expect(await pulumi.state("acme/shop/dev")).toEqual(other);
    expect(await pulumi.state("club/shop/dev")).toBeUndefined();
  });

  it("is left when it is of another life, whoever else is called alike", async () => {
    const other = stateOf("99999999");
    const none = { version: 3, deployment: {} };
    pulumi = await fakePulumi({ "acme/shop/dev": other, "club/shop/dev": none, "club/shop/dev-2": other });
    expect(await (await findState(of)).drop()).toBe(
      "stack acme/shop/dev is left: its state is of another life, stack club/shop/dev does not have it",
    );
    expect(await pulumi.state("acme/shop/dev")).toEqual(other);
    expect(await pulumi.state("club/shop/dev")).toEqual(none);
  });

  it("is changed as it is then, and not as it was found", async () => {
    pulumi = await fakePulumi({ "acme/shop/dev": stateOf(of.incarnation) });
    const found = await findState(of);
    const more = { urn: "app", type: "x", dependencies: ["orders"] };
    await pulumi.write("acme/shop/dev", withMore(of.incarnation, more));
    expect(await found.drop()).toBe("taken out of stack acme/shop/dev, which has more");
    expect(await pulumi.state("acme/shop/dev")).toEqual({
      version: 3,
      deployment: { resources: [{ ...more, dependencies: [] }], pending_operations: [] },
    });
  });

  it("says when its time to live was last counted", async () => {
    const since = "2026-03-01T12:00:00.000Z";
    const marker = { urn: "m", type: "spilo:index:Marker", parent: "orders", outputs: { since } };
    const none = stateOf("99999999");
    pulumi = await fakePulumi({ "acme/shop/dev": none, "club/shop/dev": withMore(of.incarnation, marker) });
    expect((await findState(of)).since).toBe(since);
    await pulumi.write("club/shop/dev", withMore("99999999", marker));
    expect((await findState(of)).since).toBeUndefined();
  });

  it("that cannot be read is an error before anything is changed", async () => {
    pulumi = await fakePulumi({ "acme/shop/dev": stateOf(of.incarnation) });
    await pulumi.lock("acme/shop/dev");
    await expect(findState(of)).rejects.toThrow(/^pulumi stack export: /);
  });
});
