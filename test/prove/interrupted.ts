/**
 * An `up` that replaces all members is killed under a writer, at five moments: the CLI alone, as by somebody who looks
 * for the process that hangs, and `./run` with all that is in its process group, as by a terminal that goes. The
 * cluster serves, and the next `up` ends what the first has begun.
 */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { waitFor } from "../../actions/wait.ts";
import { root } from "../../toolchain/paths.ts";
import { PROJECT } from "../../toolchain/stack.ts";
import { type LiveCluster, liveCluster } from "../live/cluster-view.ts";
import type { World } from "../live/world.ts";
import { startWriter } from "../live/writer.ts";
import { type MomentName, moments } from "./moments.ts";
import { type Records, recordsIn, summaries } from "./records.ts";

/** The same image by another name and id, so that each round replaces all members. */
const OTHER_IMAGE = "pulumi-spilo/interrupted:1";
/** What a round changes for the moment at which the settings are another: it takes restarts. */
const OTHER_CONNECTIONS = 210;

const victims = ["CLI alone", "process group"] as const;
type Victim = (typeof victims)[number];

/** How the update is brought to its end: `./run up`, or what a user of plain Pulumi types. */
type Ending = "./run up" | "pulumi cancel, pulumi up";

interface Round {
  readonly round: number;
  /** What replaces all members. */
  readonly change: "image" | "passwords";
  readonly moment: MomentName;
  readonly victim: Victim;
  readonly ending: Ending;
}

/** Each moment with each victim, and a rotation at two of them; every third round ended by plain Pulumi. */
const rounds: readonly Round[] = [
  ...victims.flatMap((victim) =>
    (["hand-over", "delete", "create", "waiting", "/config"] as const).map((moment) => ({
      ...{ victim, moment },
      change: "image" as const,
    })),
  ),
  { victim: "CLI alone" as const, moment: "delete" as const, change: "passwords" as const },
  { victim: "process group" as const, moment: "hand-over" as const, change: "passwords" as const },
].map((one, index) => ({
  ...one,
  round: index + 1,
  ending: index % 3 === 2 ? "pulumi cancel, pulumi up" : "./run up",
}));

export async function proveInterrupted(world: World, isTimeLeft: () => boolean): Promise<readonly string[]> {
  const records = await recordsIn("interrupted");
  const cluster = await liveCluster(world);
  const otherImage = await twoImages(world);
  let generation = 1;
  for (const one of rounds) {
    const known = records.of(kindOf(one)).some(({ round }) => round === one.round);
    if (known || !isTimeLeft()) continue;
    if (one.change === "image") await declareChange(world, cluster, one.moment, otherImage());
    else await world.specify(["rotation", "passwords"], ++generation);
    await interrupt(world, cluster, records, one).catch((error: unknown) => {
      throw new Error(`round ${one.round} (${one.moment}, ${one.victim}, ${one.ending})`, { cause: error });
    });
  }
  await execa("docker", ["rmi", OTHER_IMAGE], { reject: false }); // kept where members run on it
  return summaries(victims.map(nameOf), records);
}

async function interrupt(world: World, cluster: LiveCluster, records: Records, round: Round): Promise<void> {
  await cluster.inSync(2);
  const writer = await startWriter(cluster.endpoint, "interrupted");
  await writer.writes(100, 20_000);
  const killedMs = await killedUp(world, cluster, round);
  await writer.writes(100, 90_000);
  await bringToEnd(world, round.ending);
  await world.pulumi("preview", "--diff", "--expect-no-changes");
  await cluster.inSync(2);
  await writer.writes(100, 20_000);
  const { longestGapMs: gapMs, missing, acknowledged } = await writer.stop();
  const { round: number, change, moment, ending } = round;
  const figures = { gapMs, missing: missing.length, acknowledged, killedMs };
  await records.add({ kind: kindOf(round), round: number, change, moment, ending, ...figures });
  if (missing.length > 0) throw new Error(`acknowledged rows are missing: ${missing.slice(0, 5)} …`);
}

/** Starts an `up` and kills it when the moment has come. @returns after how many milliseconds that was. */
async function killedUp(world: World, cluster: LiveCluster, { moment, victim }: Round): Promise<number> {
  const over = new AbortController();
  const coming = moments[moment]({ name: world.stack, cluster, signal: over.signal });
  coming.catch(() => undefined); // seen below, unless the update ends first
  const began = performance.now();
  const up = startUp(world);
  try {
    await Promise.race([coming, up.ended.then((all) => failedEarly(moment, all))]);
    const after = performance.now() - began;
    if (victim === "CLI alone") process.kill(await cliPid(world), "SIGKILL");
    else up.killGroup();
    await up.ended;
    return Math.round(after);
  } catch (error) {
    up.killGroup();
    throw error;
  } finally {
    over.abort();
  }
}

function failedEarly(moment: MomentName, output: string): never {
  throw new Error(`the update ended before the moment "${moment}" had come:\n${output.slice(-4_000)}`);
}

interface StartedUp {
  /** With everything it has said. */
  readonly ended: Promise<string>;
  killGroup(): void;
}

function startUp({ stack, directory }: World): StartedUp {
  const child = execa("./run", ["up", "--stack", stack], {
    cwd: root,
    env: { SPILO_RUN_DIR: directory },
    detached: true,
    reject: false,
    all: true,
  });
  return {
    // What it started may hold its output open: its own end counts.
    ended: new Promise((resolve) => {
      const said: string[] = [];
      child.all.on("data", (chunk) => said.push(String(chunk)));
      child.once("exit", () => resolve(said.join("")));
    }),
    killGroup: () => {
      const runs = child.exitCode === null && child.signalCode === null;
      if (runs && child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    },
  };
}

const lock = /"pid":\s*(\d+)/;

/** The CLI writes its process id into the lock of the stack's state. */
async function cliPid({ directory, stack }: World): Promise<number> {
  const folder = join(directory, "state", ".pulumi", "locks", "organization", PROJECT, stack);
  return await waitFor({ what: "the lock of the update", deadlineMs: 5_000, everyMs: 20 }, async () => {
    const files = await readdir(folder).catch(() => []);
    const texts = await Promise.all(
      files.map((file) => readFile(join(folder, file), "utf8").catch(() => "")),
    );
    const [pid] = texts.flatMap((text) => lock.exec(text)?.[1] ?? []);
    return pid === undefined ? { pending: "there is none" } : { found: Number(pid) };
  });
}

async function bringToEnd(world: World, ending: Ending): Promise<void> {
  if (ending === "./run up") {
    await world.run("up");
    return;
  }
  await world.pulumi("cancel", "--yes");
  await world.pulumi("up", "--yes", "--skip-preview");
}

/** Builds the other image. @returns which one the members have not, time after time: undefined is their first. */
async function twoImages(world: World): Promise<() => string | undefined> {
  const used = ["inspect", "--format", "{{.Image}}", `${world.stack}-1`];
  const { stdout: id } = await execa("docker", used);
  await execa("docker", ["build", "-t", OTHER_IMAGE, "-"], {
    input: `FROM ${id}\nLABEL interrupted=1\n`,
    env: { DOCKER_BUILDKIT: "0" },
  });
  let onOther = false;
  return () => {
    onOther = !onOther;
    return onOther ? OTHER_IMAGE : undefined;
  };
}

/** What a round is to change: the image of all members, and one of the settings where that is waited for. */
async function declareChange(
  world: World,
  cluster: LiveCluster,
  moment: MomentName,
  image: string | undefined,
): Promise<void> {
  await world.specify(["image"], image);
  if (moment !== "/config") return;
  const [now] = await cluster.onEach("current_setting('max_connections')");
  const other = now === String(OTHER_CONNECTIONS) ? undefined : OTHER_CONNECTIONS;
  await world.specify(["postgresql", "parameters", "max_connections"], other);
}

function kindOf({ victim }: Round): string {
  return nameOf(victim);
}

function nameOf(victim: Victim): string {
  return `up killed, ${victim}`;
}
