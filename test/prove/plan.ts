/**
 * The kinds of change that there are, each planned and then made under a writer: every claim of the plan is held against what happened.
 * What the plan says is refused has to be refused.
 */
import { leadBy, otherImage, removeOtherImages } from "../live/changes.ts";
import { liveCluster } from "../live/cluster-view.ts";
import { type ChangeToPlan, planAndDo } from "../live/plan/plan-and-do.ts";
import type { World } from "../live/world.ts";
import { recordsIn, summaries } from "./records.ts";

interface Kind {
  readonly name: string;
  readonly risk: string;
  readonly exitCode: number;
  readonly change: (world: World) => Promise<ChangeToPlan>;
  /** For what `up` refuses: puts the configuration back. */
  readonly back?: (world: World) => Promise<void>;
}

const OTHER = "planned";

function specifies(path: readonly string[], value: unknown): Kind["change"] {
  return async () => ({ cause: (world) => world.specify(path, value) });
}

/** In the order in which they are made; the last one is the end. */
const kinds: readonly Kind[] = [
  {
    name: "image",
    ...{ risk: "outage", exitCode: 0 },
    change: async (world) => {
      const image = await otherImage(world, OTHER);
      return { cause: () => world.specify(["image"], image) };
    },
  },
  {
    name: "parameter with reload",
    ...{ risk: "low", exitCode: 0 },
    change: specifies(["postgresql", "parameters", "work_mem"], "6MB"),
  },
  {
    name: "parameter with restart",
    ...{ risk: "outage", exitCode: 0 },
    change: specifies(["postgresql", "parameters", "max_connections"], 200),
  },
  {
    name: "memory",
    ...{ risk: "outage", exitCode: 0 },
    change: specifies(["resources", "memory"], "2200MB"),
  },
  { name: "scale out", ...{ risk: "low", exitCode: 0 }, change: specifies(["members"], 4) },
  {
    name: "scale in",
    ...{ risk: "outage", exitCode: 0 },
    // Whoever leads is the one that goes.
    change: async (world) => {
      if ((await liveCluster(world)).names.length < 4) {
        await world.specify(["members"], 4);
        await world.pulumi("up", "--yes", "--skip-preview");
      }
      await leadBy(world, `${world.stack}-4`);
      return { cause: () => world.specify(["members"], 3) };
    },
  },
  {
    name: "zone move",
    ...{ risk: "refused", exitCode: 10 },
    change: specifies(["placement", "zones"], [{ name: "elsewhere" }]),
    back: (world) => world.specify(["placement"], undefined),
  },
  {
    name: "bucket",
    ...{ risk: "refused", exitCode: 10 },
    change: specifies(["backup", "bucket"], "elsewhere"),
    back: (world) => world.specify(["backup"], undefined),
  },
  { name: "password", ...{ risk: "outage", exitCode: 0 }, change: specifies(["rotation", "passwords"], 2) },
  {
    name: "certificate",
    ...{ risk: "low", exitCode: 0 },
    change: specifies(["endpoint", "names"], ["db.example.com"]),
  },
  // Readers have to go elsewhere; whoever writes does not notice.
  {
    name: "endpoint",
    ...{ risk: "high", exitCode: 0 },
    change: specifies(["endpoint", "ports", "readOnly"], 5003),
  },
  {
    name: "rename",
    ...{ risk: "refused", exitCode: 10 },
    change: specifies(["name"], "another"),
    back: (world) => world.specify(["name"], world.stack),
  },
  {
    name: "destroy",
    ...{ risk: "data loss", exitCode: 3 },
    change: async () => ({ cause: async () => undefined, command: "destroy" }),
  },
];

export async function provePlan(world: World, isTimeLeft: () => boolean): Promise<readonly string[]> {
  const records = await recordsIn("plan");
  const untrue: string[] = [];
  try {
    for (const kind of kinds) {
      if (records.of(kind.name).length > 0 || !isTimeLeft()) continue;
      untrue.push(...(await once(world, records, kind)));
    }
  } finally {
    await removeOtherImages(world, [OTHER]);
  }
  if (untrue.length > 0) throw new Error(`not as planned:\n${untrue.join("\n")}`);
  return summaries(
    kinds.map(({ name }) => name),
    records,
  );
}

async function once(
  world: World,
  records: Awaited<ReturnType<typeof recordsIn>>,
  { name, risk, exitCode, change, back }: Kind,
): Promise<readonly string[]> {
  const { restUrls, inSync } = await liveCluster(world);
  await inSync(restUrls.length - 1);
  const began = Date.now();
  const planned = await planAndDo(world, await change(world));
  await back?.(world);
  const { plan, seen, claims } = planned;
  const wrong = [
    ...(plan.risk === risk ? [] : [`the risk is ${plan.risk}, and not ${risk}`]),
    ...(planned.exitCode === exitCode ? [] : [`the exit code is ${planned.exitCode}, and not ${exitCode}`]),
    ...planned.untrue,
  ].map((what) => `${name}: ${what}`);
  const outage = plan.clusters.flatMap((one) =>
    one.claims.flatMap((claim) => (claim.kind === "outage" ? [claim] : [])),
  )[0];
  const gap = { gapMs: Math.round(seen?.gapMs ?? 0), missing: seen?.missing.length ?? 0 };
  const foretold = {
    ...(outage?.expectedMs == null ? {} : { expectedMs: Math.round(outage.expectedMs) }),
    ...(outage?.source == null ? {} : { source: outage.source.kind }),
  };
  const details = {
    risk: plan.risk,
    claims,
    untrue: wrong.length,
    tookMs: Date.now() - began,
    verdict: plan.verdict,
  };
  // What did not come true is to be made again.
  if (wrong.length === 0) {
    const promotions = seen === undefined ? {} : { promotions: seen.promotions };
    await records.add({ kind: name, round: 1, ...gap, ...promotions, ...foretold, ...details });
  }
  return wrong;
}
