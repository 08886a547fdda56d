import { type Zone, zonesOfLab } from "../../toolchain/zones/lab.ts";
import { labIn, wantedZones } from "../../toolchain/zones/own-zones.ts";
import { type LiveCluster, liveCluster } from "../live/cluster-view.ts";
import { makeWorld, type World } from "../live/world.ts";

/** A cluster over zones on this machine, and what can befall them. */
export interface ZonesWorld {
  readonly world: World;
  readonly zones: readonly Zone[];
  /** Of a member, by its name: `orders-1-a` stands in a. */
  zoneOf(member: string): Zone;
  /** As it is declared now. */
  cluster(): Promise<LiveCluster>;
  /** Leaves nothing, whatever state the zones are in. */
  dispose(): Promise<void>;
}

/** @param specification without a placement. */
export async function makeZonesWorld(
  stack: string,
  count: number,
  specification: object = {},
): Promise<ZonesWorld & { readonly output: string }> {
  const world = await makeWorld(stack, { name: stack, ...specification });
  try {
    const output = await world.run("up", "--zones", String(count));
    const zones = zonesOfLab(wantedZones(count), labIn(world.directory));
    return {
      world,
      zones,
      output,
      zoneOf: (member) => {
        const found = zones.find(({ name }) => member.endsWith(`-${name}`));
        if (found === undefined) throw new Error(`${member} stands in no zone`);
        return found;
      },
      cluster: () => liveCluster(world),
      dispose: () => world.dispose(),
    };
  } catch (error) {
    await world.dispose();
    throw error;
  }
}
