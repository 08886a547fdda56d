import { describe, expect, it } from "vitest";
import type { Configured } from "../../cluster/impact/declared.ts";
import { claimsOf } from "../../cluster/impact/impact.ts";
import { plannedChanges } from "../../cluster/impact/planned-changes.ts";
import type { Preview, Step } from "../../cluster/impact/preview.ts";
import { hasSpecifications, previewedChanges, strangersIn } from "../../cluster/impact/previewed-changes.ts";
import { riskOf } from "../../cluster/impact/risk.ts";
import { specification } from "./specifications.ts";

const urnOf = (cluster: string) => `urn:pulumi:prod::shop::spilo:index:SpiloCluster::${cluster}`;

function step(op: string, cluster: string, type: string, name: string, inputs = {}): Step {
  const urn = `urn:pulumi:prod::shop::spilo:index:SpiloCluster$${type}::${name}`;
  const known = { op, urn, type, name, parent: urnOf(cluster), isProtected: false, reasons: [] };
  return {
    ...known,
    before: op === "create" ? undefined : inputs,
    after: op === "delete" ? undefined : inputs,
  };
}

/** What a state has of a cluster. */
const kept = (name: string, written: object = {}) =>
  step("same", name, "spilo:index:Specification", `${name}-specification`, {
    specification: specification({ name, ...written }),
  });

/** A part is replaced for a reason that no specification has; what stays the same is left out. */
function replaced(cluster: string, part: string): Preview {
  const steps = [
    step("update", cluster, "spilo:index:Turn", `${part}-turn`),
    step("replace", cluster, "docker:index/container:Container", part),
  ];
  return { config: {}, steps, errors: [], warnings: [] };
}

const configured = (specification?: object): Configured => ({ stack: "prod", specification, images: {} });

describe("a preview without a specification of a cluster", () => {
  it("leaves it as it is declared, where the program alone has the specification", () => {
    const [change] = previewedChanges(replaced("orders", "orders-etcd-1"), configured(), [kept("orders")]);
    const claims = change === undefined ? [] : claimsOf(change.change);
    expect(riskOf(claims)).toBe("low");
    expect(claims).toContainEqual({ kind: "replaced", part: "voter", names: ["orders-etcd-1"] });
    expect(change?.change.after).toEqual(change?.change.before);
    // What of it is another one besides, nobody knows: nothing is promised.
    expect(change?.unknown).toEqual([
      expect.stringMatching(/^what else the specification changes: .*--show-sames/),
    ]);
    expect(claims.map(({ kind }) => kind)).not.toContain("survives");
  });

  it("is a stranger where what is made or removed does not follow from what is known", () => {
    const state = [kept("orders")];
    for (const [op, part] of [
      ["create", "orders-4"],
      ["delete", "orders-3"],
    ] as const) {
      const preview = { ...replaced("orders", "orders-1") };
      const steps = [...preview.steps, step(op, "orders", "docker:index/container:Container", part)];
      expect(strangersIn({ ...preview, steps }, configured(), state)).toEqual(["orders"]);
      expect(strangersIn({ ...preview, steps }, configured({ name: "orders" }), state)).toEqual(["orders"]);
      const members = op === "create" ? 4 : 2;
      const written = configured({ name: "orders", members, deletionProtection: false });
      expect(strangersIn({ ...preview, steps }, written, state)).toEqual([]);
    }
  });

  it("leaves it as it is, where the configuration is of another one, or older", () => {
    const state = [kept("orders"), kept("other", { members: 2 })];
    for (const written of [{ name: "orders" }, { name: "other", members: 3 }]) {
      const changes = previewedChanges(replaced("other", "other-1"), configured(written), state);
      expect(changes.map(({ cluster, change }) => [cluster, change.refusals])).toEqual([
        ["other", []],
        ["orders", []],
      ]);
      const claims = changes.map(({ change }) => claimsOf(change));
      expect(claims.map(riskOf)).toEqual(["outage", "none"]);
    }
  });

  it("has another one removed by what is deleted alone", () => {
    const preview = replaced("orders", "orders-1");
    const gone = step("delete", "orders", "spilo:index:Guard", "orders-guard");
    const [change] = previewedChanges({ ...preview, steps: [gone] }, configured(), [kept("orders")]);
    expect([change?.change.before?.spec.name, change?.change.after]).toEqual(["orders", undefined]);
  });

  it("is of the configuration where there is no state, if its parts are", () => {
    const preview = replaced("orders", "orders-1");
    expect(strangersIn(preview, configured({ name: "orders" }), [])).toEqual([]);
    const [change] = previewedChanges(preview, configured({ name: "orders" }));
    expect(change?.unknown).toEqual([expect.stringContaining("the former specification")]);
  });

  it("is a stranger where nobody says what is declared of it", () => {
    const preview = replaced("other", "other-1");
    for (const written of [undefined, { name: "orders" }]) {
      expect(previewedChanges(preview, configured(written))).toEqual([]);
      expect(strangersIn(preview, configured(written), [])).toEqual(["other"]);
      expect(strangersIn(preview, configured(written), [kept("other")])).toEqual([]);
    }
  });

  it("takes the state, also where another cluster's is shown", () => {
    const { steps } = replaced("other", "other-1");
    const preview = (some: readonly Step[]) => ({ config: {}, steps: some, errors: [], warnings: [] });
    expect(hasSpecifications(preview([kept("orders"), ...steps]))).toBe(false);
    expect(hasSpecifications(preview([kept("orders"), kept("other"), ...steps]))).toBe(true);
    expect(hasSpecifications(preview([]))).toBe(false);
  });
});

describe("without a preview", () => {
  it("there is no plan of what is not configured", () => {
    expect(plannedChanges([kept("orders")], configured())).toEqual([]);
    expect(plannedChanges([kept("orders"), kept("other")], configured({ name: "third" }))).toEqual([]);
  });

  it("of several clusters the one that is configured changes", () => {
    const changes = plannedChanges(
      [kept("orders"), kept("other")],
      configured({ name: "other", image: "spilo:b" }),
    );
    expect(changes.map(({ change }) => riskOf(claimsOf(change)))).toEqual(["none", "outage"]);
    expect(changes[0]?.unknown).toEqual([expect.stringContaining("declares another cluster")]);
  });
});
