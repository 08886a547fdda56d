import { execa } from "execa";
import type pg from "pg";
import { connectEngine } from "../../toolchain/engine.ts";
import { evaluate, type LiveCluster, liveCluster } from "./cluster-view.ts";
import { containerIds } from "./engine.ts";
import { spiloctl } from "./spiloctl.ts";
import type { Stack, World } from "./world.ts";
import { startWriter } from "./writer.ts";

/** What was seen of a running cluster while `pulumi up` changed it. */
export interface ChangeSeen {
  readonly leaderBefore: string;
  readonly leaderAfter: string;
  /** How often somebody was promoted. */
  readonly promotions: number;
  /** Members with another container than before, in the order in which the engine made these. */
  readonly replaced: readonly string[];
  /** The longest time in which an application could not write, milliseconds. */
  readonly gapMs: number;
  readonly acknowledged: number;
  readonly missing: readonly number[];
  /** What `up` said. */
  readonly output: string;
}

export interface ChangeOptions<W = World> {
  /** Changes what is declared, or what is there. */
  readonly cause: (world: W) => Promise<unknown>;
  /** Happens while `up` is at work. */
  readonly meanwhile?: (cluster: LiveCluster) => Promise<unknown>;
  /** @default up --yes --skip-preview */
  readonly up?: readonly string[];
  /** How an application connects. @default by the endpoint */
  readonly endpoint?: pg.ClientConfig;
}

/** Hands the leadership to a member, so that it has the place that a round is about. */
export async function leadBy(world: World, member: string): Promise<LiveCluster> {
  const cluster = await liveCluster(world);
  await cluster.inSync(cluster.restUrls.length - 1);
  const { exitCode, report } = await spiloctl(world, "switchover", "--to", member);
  if (exitCode !== 0) throw new Error(`switchover to ${member}: ${JSON.stringify(report)}`);
  await cluster.inSync(cluster.restUrls.length - 1);
  return cluster;
}

/** Has an application write while a change is carried out. */
export async function seenThrough<W extends Stack>(world: W, options: ChangeOptions<W>): Promise<ChangeSeen> {
  const before = await liveCluster(world);
  const [ids, leaderBefore, timeline] = await Promise.all([
    containerIds(world.stack),
    before.leader(),
    timelineOf(before),
  ]);
  const writer = await startWriter(options.endpoint ?? before.endpoint);
  await writer.writes(20, 20_000);
  await options.cause(world);
  const updating = world.pulumi(...(options.up ?? ["up", "--yes", "--skip-preview"]));
  const [output] = await Promise.all([updating, options.meanwhile?.(before)]);
  await writer.writes(20, 60_000);
  const { acknowledged, missing, longestGapMs: gapMs } = await writer.stop();
  const after = await liveCluster(world);
  const now = await timelineOf(after);
  return {
    leaderBefore,
    leaderAfter: await after.leader(),
    promotions: now - timeline,
    replaced: await replacedSince(world.stack, ids),
    ...{ gapMs, acknowledged, missing, output },
  };
}

export function describeChange(title: string, seen: ChangeSeen): string {
  const { leaderBefore, leaderAfter, promotions, replaced, gapMs, acknowledged, missing } = seen;
  const order = replaced.length === 0 ? "no member replaced" : `replaced ${replaced.join(", ")}`;
  return (
    `${title}: ${leaderBefore} led, ${leaderAfter} leads (${promotions} promotions), ${order}; longest write gap ` +
    `${(gapMs / 1000).toFixed(2)} s, ${acknowledged} rows acknowledged, ${missing.length} missing`
  );
}

/** An image that does the same as a member's, and is another one. Removed by `removeOtherImage`. */
export async function otherImage(world: Pick<Stack, "stack">, tag: string): Promise<string> {
  const name = `pulumi-spilo/${world.stack}-test:${tag}`;
  const image = (await execa("docker", ["inspect", "--format", "{{.Image}}", `${world.stack}-1`])).stdout;
  await execa("docker", ["build", "-t", name, "-"], {
    input: `FROM ${image}\nLABEL other=${tag}\n`,
    env: { DOCKER_BUILDKIT: "0" },
  });
  return name;
}

export async function removeOtherImages(world: Pick<Stack, "stack">, tags: readonly string[]): Promise<void> {
  const names = tags.map((tag) => `pulumi-spilo/${world.stack}-test:${tag}`);
  await execa("docker", ["rmi", ...names], { reject: false });
}

async function timelineOf(cluster: LiveCluster): Promise<number> {
  return Number(await evaluate(cluster.endpoint, "(select timeline_id from pg_control_checkpoint())"));
}

async function replacedSince(
  cluster: string,
  before: Readonly<Record<string, string>>,
): Promise<readonly string[]> {
  const engine = connectEngine();
  const now = await containerIds(cluster);
  const members = Object.keys(now).filter((name) => /^-\d+$/.test(name.slice(cluster.length)));
  const replaced = members.filter((name) => before[name] !== undefined && before[name] !== now[name]);
  const made = await Promise.all(
    replaced.map(async (name) => ({ name, at: (await engine.getContainer(name).inspect()).Created })),
  );
  return made.toSorted((left, right) => left.at.localeCompare(right.at)).map(({ name }) => name);
}
