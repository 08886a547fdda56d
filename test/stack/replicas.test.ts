import { describe, expect, it } from "vitest";
import { stackOutputs } from "../../actions/stack-outputs.ts";
import { parseSpec, planCluster } from "../../cluster/index.ts";
import { replicaOutputs } from "../../components/cluster-outputs.ts";
import type { SpiloClusterArgs } from "../../components/index.ts";
import { explainDeparture } from "../../provider/kinds/departure.ts";
import { kinds } from "../../provider/kinds.ts";
import { differing, ofType, record } from "./recorder.ts";

const container = "docker:index/container:Container";
const identity = "spilo:index:Identity";
const reports = { name: "reports", memory: "8GB" };
const copy = { name: "copy", upstream: "reports" };
const late = { name: "late", applyDelay: "1h" };
const clusterWith = (...replicas: NonNullable<SpiloClusterArgs["replicas"]>): SpiloClusterArgs => {
  return { name: "orders", network: { subnet: "10.90.7.0/24" }, replicas };
};

/** What a read replica is made of. */
function partsOf(name: string): readonly string[] {
  return [
    `${container} ${name}`,
    `docker:index/volume:Volume ${name}-data`,
    `docker:index/volume:Volume ${name}-identity`,
    `spilo:index:Certificate ${name}-certificate`,
    `${identity} ${name}-files`,
    `spilo:index:Joined ${name}-joined`,
    `spilo:index:Turn ${name}-turn`,
  ];
}

const besides = [
  "spilo:index:Departure orders-departure",
  "spilo:index:ProcessLimits orders-local-process-limits",
  "spilo:index:Readiness orders-ready",
];

async function changed(before: SpiloClusterArgs, after: SpiloClusterArgs): Promise<readonly string[]> {
  return differing((await record(before)).resources, (await record(after)).resources);
}

describe("a read replica", () => {
  it("that is added or taken out changes nothing of any other part that exists", async () => {
    const expected = [...partsOf("orders-replica-copy"), ...besides].sort();
    expect(await changed(clusterWith(reports), clusterWith(reports, copy))).toEqual(expected);
    expect(await changed(clusterWith(copy, reports), clusterWith(reports))).toEqual(expected);
  });

  it("that is the first one changes the proxies besides, and no member", async () => {
    const proxies = ["orders-proxy-1", "orders-proxy-2"].flatMap((name) => [
      `${container} ${name}`,
      `${identity} ${name}-files`,
    ]);
    expect(await changed(clusterWith(), clusterWith(reports))).toEqual(
      [...partsOf("orders-replica-reports"), ...besides, ...proxies].sort(),
    );
  });

  it.each([
    ["another delay", { ...late, applyDelay: "2h" }],
    ["another upstream", { ...late, upstream: "orders-2" }],
    ["more memory", { ...late, memory: "4GB" }],
  ])("with %s is replaced in its turn, and nobody else is", async (_what, other) => {
    const now = await changed(clusterWith(reports, late), clusterWith(reports, other));
    const own = ["Container", "Turn"].map((kind) => now.filter((one) => one.split(" ")[0]?.endsWith(kind)));
    expect(own).toEqual([
      [`${container} orders-replica-late`],
      ["spilo:index:Turn orders-replica-late-turn"],
    ]);
  });

  it("is made with its own size, and before any member in every update", async () => {
    const { resources } = await record(clusterWith(reports, copy));
    const containers = ofType(resources, container);
    expect(containers.get("orders-replica-reports")).toMatchObject({ memory: 8192, memorySwap: 8192 });
    expect(containers.get("orders-replica-copy")).toMatchObject({ memory: 2048 });
    const awaited = (name: string) =>
      resources.find((one) => one.type === container && one.name === name)?.after;
    expect(awaited("orders-replica-copy")).toContain("orders-replica-reports-joined");
    expect(awaited("orders-1")).toContain("orders-replica-copy-joined");
    expect(awaited("orders-2")).toContain("orders-1-joined");
  });

  it("is waited for when the cluster is, by what it can be", async () => {
    const { resources } = await record(clusterWith(reports, late));
    const ready = ofType(resources, "spilo:index:Readiness").get("orders-ready");
    const [{ restUrl } = { restUrl: "" }] = planCluster(parseSpec(clusterWith(reports))).replicas.map(
      ({ rest }) => {
        return { restUrl: `https://${rest.host}:${rest.port}` };
      },
    );
    expect(ready?.["replicas"]).toMatchObject([
      { name: "orders-replica-reports", restUrl },
      { name: "orders-replica-late", applyDelaySeconds: 3600 },
    ]);
    expect(ready?.["members"]).toHaveLength(3);
  });

  it("is in none of the strings that lead to members, and has one of its own", async () => {
    const known = async (args: SpiloClusterArgs) => {
      const { cluster } = await record(args);
      const { multiHostUri, replicasUri } = cluster;
      return { multiHostUri, replicasUri };
    };
    const value = (output: unknown) =>
      new Promise((resolve) => (output as { apply(f: (v: unknown) => void): void }).apply(resolve));
    const [alone, more] = [await known(clusterWith()), await known(clusterWith(reports))];
    expect(await value(more.multiHostUri)).toBe(await value(alone.multiHostUri));
    expect(alone.replicasUri).toBeUndefined();
    expect(await value(more.replicasUri)).toContain("@10.90.7.10:5002/app?");
  });
});

describe("what is told of read replicas", () => {
  it("in a stack's outputs is where they are, whom they follow and how late they are", () => {
    const plan = planCluster(parseSpec(clusterWith(reports, copy, late)));
    const placed = { plan, platform: { engineOf: () => "tcp://10.1.0.10:2375" } };
    const { replicas } = stackOutputs.pick({ replicas: true }).parse({ replicas: replicaOutputs(placed) });
    expect(replicas).toMatchObject([
      { name: "orders-replica-reports", replica: "reports", postgresPort: 5432, zone: "local" },
      { name: "orders-replica-copy", upstream: "orders-replica-reports" },
      { name: "orders-replica-late", applyDelaySeconds: 3600 },
    ]);
    expect(stackOutputs.pick({ replicas: true }).parse({})).toEqual({ replicas: [] });
  });

  it("in a preview is who comes and who goes, and that no member is touched", async () => {
    const declared = (...replicas: string[]) => ({ members: ["o-1"], replicas, volumesKept: true });
    expect(await explainDeparture(declared("a", "b"), declared("b", "c"))).toEqual([
      "c: added as read replica; no member is touched",
      "a: removed with data and slot; no member is touched, and readers go elsewhere",
    ]);
    expect(await explainDeparture(declared(), declared("a", "b"))).toEqual([
      "a, b: added as read replicas; no member is touched; proxies are replaced one after the other",
    ]);
    expect(await explainDeparture(declared("a"), declared())).toEqual([
      "a: removed with data and slot; no member is touched, and readers go elsewhere; proxies are replaced one after the other",
    ]);
    const balanced = (...replicas: string[]) => ({ ...declared(...replicas), loadBalancer: true });
    expect(await explainDeparture(balanced(), balanced("a"))).toEqual([
      "a: added as read replica; no member is touched; the load balancer gets their port",
    ]);
    // A state of an earlier version knows of none.
    const { replicas: _, ...earlier } = declared();
    expect(await explainDeparture(earlier, declared())).toEqual([]);
  });

  it("in a preview is that one is replaced, other than a member", () => {
    const announced = kinds["spilo:index:Turn"]?.announces;
    expect(announced?.({ member: "o-replica-a", readReplica: true })).toEqual([
      "read replica o-replica-a is replaced before any member: its readers go elsewhere meanwhile",
    ]);
    expect(announced?.({ member: "o-1" })[0]).toContain("after one switchover");
  });
});
