import { describe, expect, it } from "vitest";
import type { ClusterHandle } from "../../actions/handle.ts";
import { switchoverHome } from "../../actions/verbs/switchover-home.ts";
import { member, RoleWorld } from "./role-world.ts";

/** m-1 and m-3 stand in zone a, where m-3 may have no synchronous commits; m-2 stands in zone b. */
function handleOf(world: RoleWorld, primaryZone?: string, missing: readonly string[] = []): ClusterHandle {
  const place = { address: "10.0.0.1", restUrl: "https://m", postgresPort: 5432, engine: "unix:///nowhere" };
  return {
    ...world.handle,
    members: [
      { ...place, name: "m-1", zone: "a", synchronous: true },
      { ...place, name: "m-2", zone: "b", synchronous: true },
      { ...place, name: "m-3", zone: "a", synchronous: false },
    ],
    placement: {
      ...{ mode: "cross-zone", standing: "cross-zone", fallbackToSameZone: false },
      ...(primaryZone === undefined ? {} : { primaryZone }),
      zones: ["a", "b"].map((name) => {
        return { name, host: `ssh://db-${name}`, available: !missing.includes(name), witness: false };
      }),
    },
  };
}

function home(world: RoleWorld, handle: ClusterHandle) {
  return switchoverHome(handle, { tools: world.tools }, world.narrator);
}

const nosyncLeads = {
  members: [member("m-1"), member("m-2"), member("m-3", { role: "leader", state: "running" })],
};

describe("switchover --home", () => {
  it("hands over to the member of the zone that is wished for", async () => {
    const world = new RoleWorld();
    expect(await home(world, handleOf(world, "b"))).toMatchObject({ already: false, from: "m-1", to: "m-2" });
    expect(world.changes).toContain("switchover m-1 to m-2");
  });

  it("hands over from a nosync member, wherever the primary is wished for", async () => {
    const world = new RoleWorld({ observed: nosyncLeads });
    expect(await home(world, handleOf(world))).toMatchObject({ from: "m-3", to: "m-1" });
  });

  it("says so and touches nothing when the primary is at home", async () => {
    const world = new RoleWorld();
    expect(await home(world, handleOf(world, "a"))).toMatchObject({ already: true, to: "m-1", steps: [] });
    expect(await home(world, handleOf(world))).toMatchObject({ already: true, to: "m-1" });
    expect(world.told).toEqual([
      "m-1 leads, and is at home in zone a",
      "m-1 leads, may have synchronous commits, and belongs in no zone more than in another",
    ]);
    expect(world.changes).toEqual([]);
  });

  it("is refused with the reason, and touches nothing", async () => {
    const world = new RoleWorld({ observed: nosyncLeads });
    await expect(home(world, handleOf(world, "b", ["b"]))).rejects.toMatchObject({
      code: "refused",
      reasons: ["zone b, where the primary belongs, is not available"],
      remedy: expect.stringContaining("`spiloctl switchover --to m-1` restores the zone promise"),
    });
    expect(world.changes).toEqual([]);
  });
});
