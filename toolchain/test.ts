import { stopOwnEngine } from "./engine.ts";
import { Failure } from "./failure.ts";
import { prepare } from "./prepare.ts";
import { check, type Outcome, vitest } from "./test-runs.ts";

/** A part of the tests with its own place in the report. */
interface Group {
  readonly name: string;
  /** What it shows, for a person who picks one. */
  readonly shows: string;
  readonly run: () => Promise<Outcome>;
  /** Whether it takes an engine, the CLI and the images. */
  readonly needsMachine: boolean;
}

interface Result extends Outcome {
  readonly name: string;
  readonly milliseconds: number;
}

function group(name: string, shows: string, needsMachine: boolean, run = () => vitest(name)): Group {
  return { name, shows, needsMachine, run };
}

/** Real clusters, in which it does not matter how long anything takes: files of test/live. */
const untimed = {
  rolling: "a cluster that is changed while an application writes",
  restore: "clusters that are made from the archive of another one",
  security: "a cluster that is attacked",
  replicas: "a cluster with read replicas, one of which is late on purpose",
  cluster: "a cluster's life: taken over, killed, changed, taken down",
  verbs: "a cluster that goes through every verb of spiloctl",
  plan: "a cluster whose changes are planned first: every claim against what was done",
  teardown: "a cluster that is protected, and its end",
  newcomer: "what somebody types who has just got this: the commands of the README",
  backup: "a cluster that is backed up, and whose S3 server is gone for a while",
  "pull-request": "the life of a pull request, by the commands of the workflow files",
} as const;

/** Files of test/live that take longer than they tell: `./run prove` has them. */
const proven = [
  "pair",
  "states",
  "slots",
  "retained",
  "standby",
  "examples",
  "consumer",
  "program",
  "guides",
];

const clusters = Object.entries(untimed).map(([name, shows]) =>
  group(name, shows, true, () => vitest("live", { name, only: [name] })),
);

/**
 * These go two at a time, as there may be no more than two processors. Whoever has ended takes the next one: first what
 * tells soonest, and then what takes long before what does not.
 */
const together: readonly Group[] = [
  group("check", "format, lint, types, dead code", false, check),
  group("conformance", "the docker stand-in against the official provider's behaviour", true),
  group("unit", "the pure core", false),
  group("stack", "resources under mocks", false),
  group("provider", "our own resource types against scripted servers", false),
  group("actions", "what spiloctl does, against scripted servers", false),
  group("images", "entry point and archiver of the images", true),
  group("toolchain", "what ./run does when something is missing or broken", true),
  group("render", "each rendered file, read by the program it is for", true),
  group("zones", "that what befalls a zone is what it is called", true, () =>
    vitest("zones", { except: ["cluster"] }),
  ),
  // It emulates a processor, and so leaves one to the group beside it.
  group("vm", "a machine that starts from the user data of the AWS plan", true),
  ...clusters,
];

/** These look at times, or have several engines at work: each test of them has the machine to itself. */
const alone: readonly Group[] = [
  group("cross-zone", "a real cluster over three zones, which loses two of them", true, () =>
    vitest("zones", { name: "cross-zone", only: ["cluster"] }),
  ),
  group("live", "real clusters: the endpoint's faults, chaos", true, () =>
    vitest("live", { except: [...Object.keys(untimed), ...proven], args: ["--no-file-parallelism"] }),
  ),
];

const all = [...together, ...alone];

/**
 * Installs what the tests need, runs the groups (all, or those named), and leaves the engine as it was found.
 *
 * The last line is `N passed, N failed`; the exit code is 0 only when something passed and nothing failed.
 */
export async function test(names: string[]): Promise<number> {
  const isChosen = choose(names);
  const began = performance.now();
  try {
    const chosen = all.filter(isChosen);
    if (chosen.some(({ needsMachine }) => needsMachine)) await prepare();
    const setUp = performance.now() - began;
    const results: Result[] = [];
    const done = (result: Result) => results.push(result);
    const waiting = together.filter(isChosen);
    await Promise.all([runOneByOne(waiting, done), runOneByOne(waiting, done)]);
    await runOneByOne(alone.filter(isChosen), done);
    return report(results, setUp, performance.now() - began - setUp);
  } finally {
    await stopOwnEngine();
  }
}

/** @param waiting from which another run may take as well. */
async function runOneByOne(waiting: Group[], done: (result: Result) => void): Promise<void> {
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const { name, shows, run } = next;
    const started = performance.now();
    const outcome = await run();
    // Printed whole when it ends: two at once would mix their lines.
    console.log(`\n── ${name}: ${shows}\n${outcome.output.trimEnd()}`);
    done({ ...outcome, name, milliseconds: performance.now() - started });
  }
}

function choose(names: readonly string[]): (group: Group) => boolean {
  const known = all.map(({ name }) => name);
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new Failure(
      `./run test ${unknown.join(" ")}: no such group`,
      `the groups are: ${known.join(", ")}.`,
      "Name some of them, or none for all.",
    );
  }
  return ({ name }) => names.length === 0 || names.includes(name);
}

function report(results: readonly Result[], setUp: number, tests: number): number {
  console.log(`\n${"set-up".padEnd(14)} ${minutes(setUp)}`);
  for (const { name, passed, failed, milliseconds } of results) {
    console.log(`${name.padEnd(14)} ${minutes(milliseconds)}   ${passed} passed, ${failed} failed`);
  }
  console.log(`${"all tests".padEnd(14)} ${minutes(tests)}   (some run beside others)`);
  // What is printed first may be cut away where it is read: what failed is said once more, in a line each.
  for (const { name, failures } of results) {
    for (const failure of failures) console.log(`\nfailed in ${name}: ${failure}`);
  }
  const passed = results.reduce((sum, result) => sum + result.passed, 0);
  const failed = results.reduce((sum, result) => sum + result.failed, 0);
  console.log(`\n${passed} passed, ${failed} failed`);
  return failed === 0 && passed > 0 ? 0 : 1;
}

function minutes(milliseconds: number): string {
  return `${(milliseconds / 60_000).toFixed(1)} min`.padStart(9);
}
