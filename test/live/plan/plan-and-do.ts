import type { PlanReport } from "../../../actions/verbs/plan.ts";
import { type ChangeSeen, seenThrough } from "../changes.ts";
import { spiloctl } from "../spiloctl.ts";
import type { World } from "../world.ts";
import { type Made, untruthOf } from "./hold.ts";
import { standingOf } from "./standing.ts";

/** A change, planned and then made. */
export interface Planned {
  readonly exitCode: number;
  readonly plan: PlanReport;
  readonly seen: ChangeSeen | undefined;
  /** Claims that did not come true, each with what was instead. Empty: all of them did. */
  readonly untrue: readonly string[];
  /** Of how many claims. */
  readonly claims: number;
}

export interface ChangeToPlan {
  readonly cause: (world: World) => Promise<unknown>;
  /** `destroy`: the end of the cluster. @default up */
  readonly command?: "up" | "destroy";
  readonly endpoint?: Parameters<typeof seenThrough>[1]["endpoint"];
}

/** Has a change planned, makes it under a writer, and holds every claim of the plan against what happened. */
export async function planAndDo(world: World, change: ChangeToPlan): Promise<Planned> {
  const { cause, command = "up", endpoint } = change;
  const before = await standingOf(world);
  await cause(world);
  const { exitCode, report } = await spiloctl(world, "plan", ...(command === "destroy" ? ["--destroy"] : []));
  const plan: PlanReport = report;
  const { seen, refusal } = await make(world, command, plan.risk === "refused", endpoint);
  const after = await standingOf(world, command !== "destroy");
  const made: Made = { before, after, seen, refusal };
  const claims = plan.clusters.flatMap((cluster) => cluster.claims);
  const untrue = claims.flatMap((claim) => {
    const untruth = untruthOf(claim, made);
    return untruth === undefined ? [] : [`${claim.kind}: ${claim.says}: ${untruth}`];
  });
  return { exitCode, plan, seen, untrue, claims: claims.length };
}

async function make(
  world: World,
  command: "up" | "destroy",
  isRefused: boolean,
  endpoint: ChangeToPlan["endpoint"],
): Promise<Pick<Made, "seen" | "refusal">> {
  if (command === "up" && !isRefused) {
    const seen = await seenThrough(world, {
      cause: async () => undefined,
      ...(endpoint === undefined ? {} : { endpoint }),
    });
    return { seen, refusal: undefined };
  }
  const refusal = await world.pulumi(command, "--yes", "--skip-preview").then(
    () => undefined,
    (error: { all?: string }) => error.all ?? "",
  );
  return { seen: undefined, refusal };
}
