/**
 * A zone is dead and given up: a preview, a switchover, a scale-out and a scale-in go on without a call to its engine.
 * Then it is gone for good, and taken out of the list.
 */
import { readFile } from "node:fs/promises";
import { parse } from "yaml";
import { z } from "zod";
import { configFile } from "../../toolchain/stack-config.ts";
import { spiloctl } from "../live/spiloctl.ts";
import { type Observation, startWriter } from "../live/writer.ts";
import { firstOfEachZone } from "../zones/lose-zone.ts";
import type { ZonesWorld } from "../zones/zones-world.ts";
import { recordsIn, summaries } from "./records.ts";

const kind = "a zone gone for good, with a switchover, 3 → 5 → 3 and its removal meanwhile";

export async function proveZoneAbsent(
  zones: ZonesWorld,
  isTimeLeft: () => boolean,
): Promise<readonly string[]> {
  const records = await recordsIn("zone-absent");
  if (records.of(kind).length === 0 && isTimeLeft()) {
    const { missing, acknowledged, longestGapMs } = await doWithout(zones, "c");
    if (missing.length > 0) throw new Error(`${kind}: ${missing.length} acknowledged rows are missing`);
    await records.add({ kind, round: 1, gapMs: longestGapMs, missing: 0, acknowledged });
  }
  return summaries([kind], records);
}

async function doWithout(zones: ZonesWorld, zone: string): Promise<Observation> {
  const writer = await startWriter((await zones.cluster()).endpoint, "absent");
  try {
    await giveUp(zones, zone);
    await handOver(zones);
    for (const members of [5, 3]) {
      await zones.world.specify(["members"], members);
      await upAndWhole(zones, `members: ${members}`);
    }
    await takeOut(zones, zone);
  } catch (error) {
    await writer.stop();
    throw error;
  }
  return await writer.stop();
}

async function giveUp(zones: ZonesWorld, name: string): Promise<void> {
  await zones.zones.find((zone) => zone.name === name)?.kill();
  await zones.world.specify(["placement", "fallbackToSameZone"], true);
  expectCode(0, await spiloctl(zones.world, "zones", "probe", "--write"));
  await upAndWhole(zones, `without zone ${name}`);
}

async function handOver(zones: ZonesWorld): Promise<void> {
  const before = await (await zones.cluster()).leader();
  expectCode(0, await spiloctl(zones.world, "switchover"));
  const after = await (await zones.cluster()).leader();
  if (after === before) throw new Error(`a switchover left ${before} in the lead`);
  console.log(`${before} handed over to ${after} while a zone is dead`);
}

/** Updates, and looks whether anything is left to do. */
async function upAndWhole(zones: ZonesWorld, what: string): Promise<void> {
  await zones.world.run("up");
  const cluster = await zones.cluster();
  await cluster.inSync(firstOfEachZone(cluster.names).length - 1);
  await zones.world.pulumi("preview", "--refresh", "--expect-no-changes");
  console.log(`${what}: ${cluster.names.join(", ")}; nothing is left to do`);
}

const configuration = z.object({
  config: z.object({
    "spilo:cluster": z.object({
      placement: z.object({ zones: z.array(z.looseObject({ name: z.string() })) }),
    }),
  }),
});

async function takeOut(zones: ZonesWorld, name: string): Promise<void> {
  const text = await readFile(configFile(zones.world.stack), "utf8");
  const declared = configuration.parse(parse(text)).config["spilo:cluster"].placement.zones;
  const others = declared.filter((zone) => zone.name !== name);
  await zones.world.specify(["placement", "zones"], others);
  await upAndWhole(zones, `zone ${name} taken out`);
  const host = zones.zones.find((zone) => zone.name === name)?.host ?? name;
  // What a resource was made from long ago, it may keep among its outputs.
  const left = (await resourcesOf(zones)).filter(({ inputs }) => JSON.stringify(inputs).includes(host));
  if (left.length > 0)
    throw new Error(`the state still knows ${host}: ${left.map(({ urn }) => urn).join(", ")}`);
}

const exported = z.object({
  deployment: z.object({
    resources: z.array(z.object({ urn: z.string(), inputs: z.unknown().prefault({}) })),
  }),
});

async function resourcesOf({
  world,
}: ZonesWorld): Promise<readonly { readonly urn: string; readonly inputs: unknown }[]> {
  return exported.parse(JSON.parse(await world.pulumi("stack", "export"))).deployment.resources;
}

function expectCode(wanted: number, { exitCode, report }: { exitCode: number; report: unknown }): void {
  if (exitCode !== wanted) throw new Error(`ended with ${exitCode}: ${JSON.stringify(report)}`);
}
