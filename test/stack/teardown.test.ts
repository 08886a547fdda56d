import { describe, expect, it } from "vitest";
import type { SpiloClusterArgs } from "../../components/index.ts";
import { differing, ofType, type Recorded, record } from "./recorder.ts";

const guard = "spilo:index:Guard";
const guardName = "orders-kept-until-deletionProtection-is-false";
const spoken = { name: "orders", members: 3 } as const;
const external: SpiloClusterArgs = {
  ...spoken,
  backup: { endpoint: "https://s3.example.org" },
  storeKey: { accessKey: "key", secretKey: "hidden" },
};

function protectedOnes(resources: readonly Recorded[]): string[] {
  return resources.filter(({ protect }) => protect).map(({ type, name }) => `${type} ${name}`);
}

function retainedOnes(resources: readonly Recorded[]): string[] {
  return resources.filter(({ retained }) => retained).map(({ name }) => name);
}

async function inStack(stack: string, args: SpiloClusterArgs): Promise<readonly Recorded[]> {
  return (await record(args, { stack })).resources;
}

describe("a cluster in any stack but dev", () => {
  it("protects its guard and its bucket, and nothing that a change may have to replace", async () => {
    const resources = await inStack("prod", spoken);
    expect(protectedOnes(resources).sort()).toEqual([
      "spilo:index:Bucket orders-bucket",
      `${guard} ${guardName}`,
    ]);
  });

  it("keeps the volumes of members that leave, and of the S3 server", async () => {
    const resources = await inStack("prod", spoken);
    expect(retainedOnes(resources).sort()).toEqual([
      "orders-1-data",
      "orders-2-data",
      "orders-3-data",
      "orders-s3-data",
    ]);
  });

  it("is backed up at its end, and the guard knows where and which volume stays", async () => {
    const resources = await inStack("prod", spoken);
    expect(ofType(resources, guard).get(guardName)).toMatchObject({
      finalBackup: true,
      bucket: "orders-wal",
      prefix: "spilo/orders/1a2b3c4d/wal/17",
      kept: {
        volume: "orders-s3-data-1a2b3c4d",
        engine: "unix:///var/run/docker.sock",
        image: "pulumi-spilo/s3:1",
      },
    });
  });

  it("has no volume to keep when the S3 server is somebody else's", async () => {
    const resources = await inStack("prod", external);
    expect(ofType(resources, guard).get(guardName)).toMatchObject({
      finalBackup: true,
      endpoint: "https://s3.example.org",
    });
    expect(ofType(resources, guard).get(guardName)).not.toHaveProperty("kept");
    expect(retainedOnes(resources).sort()).toEqual(["orders-1-data", "orders-2-data", "orders-3-data"]);
  });

  it("has one end without the other when the user says so", async () => {
    const unguarded = await inStack("prod", { ...spoken, deletionProtection: false });
    expect([protectedOnes(unguarded), retainedOnes(unguarded)]).toEqual([[], ["orders-s3-data"]]);
    const unsaved = await inStack("prod", { ...spoken, finalBackup: false });
    expect(protectedOnes(unsaved)).toHaveLength(2);
    expect(retainedOnes(unsaved)).not.toContain("orders-s3-data");
    expect(ofType(unsaved, guard).get(guardName)).not.toHaveProperty("kept");
  });
});

describe("a cluster in the stack dev", () => {
  it("is taken down at once, and leaves nothing", async () => {
    const resources = await inStack("dev", spoken);
    expect([protectedOnes(resources), retainedOnes(resources)]).toEqual([[], []]);
    expect(ofType(resources, guard).get(guardName)).toMatchObject({ finalBackup: false });
  });

  it("is guarded when the user says so", async () => {
    const resources = await inStack("dev", { ...spoken, deletionProtection: true, finalBackup: true });
    expect(protectedOnes(resources)).toHaveLength(2);
    expect(retainedOnes(resources)).toHaveLength(4);
  });
});

describe("the guard", () => {
  it("depends on everything else, so that nothing is deleted before it", async () => {
    const resources = await inStack("prod", { ...spoken, endpoint: { pooled: true } });
    const own = resources.find(({ type }) => type === guard);
    // All others depend on the specification.
    const before = [guard, "spilo:index:SpiloCluster", "spilo:index:Specification"];
    const others = resources.filter(({ type }) => !before.includes(type));
    expect([...(own?.after ?? [])].sort()).toEqual(others.map(({ name }) => name).sort());
  });

  it("is waited for by nothing", async () => {
    const resources = await inStack("prod", spoken);
    expect(resources.filter(({ after }) => after.includes(guardName))).toEqual([]);
  });

  it("and what is protected is not touched when protection is switched off: the state says it", async () => {
    const [on, off] = [
      await inStack("prod", spoken),
      await inStack("prod", { ...spoken, deletionProtection: false }),
    ];
    expect(differing(on, off)).toEqual(["spilo:index:Departure orders-departure"]);
  });
});

describe("what a protected cluster may still have", () => {
  it("is fewer members: nothing that goes is protected", async () => {
    const [five, three] = [await inStack("prod", { ...spoken, members: 5 }), await inStack("prod", spoken)];
    const stay = new Set(three.map(({ type, name }) => `${type} ${name}`));
    const gone = five.filter(({ type, name }) => !stay.has(`${type} ${name}`));
    expect(gone.map(({ name }) => name)).toContain("orders-5-data");
    expect(protectedOnes(gone)).toEqual([]);
  });

  it("is another endpoint of the bucket: it is updated, as what is protected cannot be replaced", async () => {
    const moved = { ...external, backup: { endpoint: "https://s3.example.net" } };
    const [before, after] = [await inStack("prod", external), await inStack("prod", moved)];
    expect(differing(before, after)).toContain("spilo:index:Bucket orders-bucket");
    const { kinds } = await import("../../provider/kinds.ts");
    expect(kinds["spilo:index:Bucket"]?.replacedBy).not.toContain("endpoint");
    expect(kinds[guard]?.replacedBy).toEqual([]);
  });

  it("is other zones: what goes with one is not protected", async () => {
    const zone = (name: string, index: number, available = true) => {
      return { name, address: `10.1.0.${index}`, host: `tcp://10.1.0.${index}:2375`, available };
    };
    const over = (available: boolean): SpiloClusterArgs => ({
      ...spoken,
      placement: {
        mode: "cross-zone",
        fallbackToSameZone: true,
        zones: [zone("a", 1, available), zone("b", 2), zone("c", 3)],
      },
    });
    const [before, after] = [await inStack("prod", over(true)), await inStack("prod", over(false))];
    const stay = new Set(after.map(({ type, name }) => `${type} ${name}`));
    const gone = before.filter(({ type, name }) => !stay.has(`${type} ${name}`));
    expect(gone.length).toBeGreaterThan(0);
    expect(protectedOnes(gone)).toEqual([]);
  });
});
