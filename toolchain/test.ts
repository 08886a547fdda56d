import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { stopOwnEngine } from "./engine.ts";
import { Failure } from "./failure.ts";
import { local, root } from "./paths.ts";
import { prepare } from "./prepare.ts";
import { duration } from "./progress.ts";

/** A part of the tests with its own place in the report. */
interface Group {
  readonly name: string;
  /** What it shows, for `docs/testing.md` and a person who picks one. */
  readonly shows: string;
  readonly run: () => Promise<Counts>;
}

interface Counts {
  readonly passed: number;
  readonly failed: number;
}

const groups: readonly Group[] = [
  { name: "check", shows: "format, lint, types, dead code", run: check },
  { name: "unit", shows: "the pure core", run: () => vitest("unit") },
  { name: "stack", shows: "resources under mocks", run: () => vitest("stack") },
  {
    name: "provider",
    shows: "our own resource types against scripted servers",
    run: () => vitest("provider"),
  },
  {
    name: "toolchain",
    shows: "what ./run does when something is missing or broken",
    run: () => vitest("toolchain"),
  },
  {
    name: "conformance",
    shows: "the docker stand-in against the official provider's behaviour",
    run: () => vitest("conformance"),
  },
  { name: "images", shows: "entry point and archiver of the images", run: () => vitest("images") },
  { name: "render", shows: "each rendered file, read by the program it is for", run: () => vitest("render") },
  { name: "live", shows: "a real cluster: up, faults, changes, down", run: () => vitest("live") },
];

/**
 * Installs what the tests need, runs the groups (all, or those named), and leaves the engine as it was found.
 *
 * The last line is `N passed, N failed`; the exit code is 0 only when something passed and nothing failed.
 */
export async function test(names: string[]): Promise<number> {
  const chosen = choose(names);
  const began = performance.now();
  try {
    const prepared = await prepare();
    Object.assign(process.env, { PULUMI_SPILO_IMAGES: JSON.stringify(prepared.images) });
    const setUp = performance.now() - began;
    const results: { name: string; counts: Counts; milliseconds: number }[] = [];
    for (const group of chosen) {
      console.log(`\n── ${group.name}: ${group.shows}`);
      const started = performance.now();
      results.push({
        name: group.name,
        counts: await group.run(),
        milliseconds: performance.now() - started,
      });
    }
    return report(results, setUp);
  } finally {
    await stopOwnEngine();
  }
}

function choose(names: readonly string[]): readonly Group[] {
  const unknown = names.filter((name) => !groups.some((group) => group.name === name));
  if (unknown.length > 0) {
    throw new Failure(
      `./run test ${unknown.join(" ")}: no such group`,
      `the groups are: ${groups.map(({ name }) => name).join(", ")}.`,
      "Name some of them, or none for all.",
    );
  }
  return names.length === 0 ? groups : groups.filter(({ name }) => names.includes(name));
}

function report(
  results: readonly { name: string; counts: Counts; milliseconds: number }[],
  setUp: number,
): number {
  console.log(`\n${"set-up".padEnd(14)} ${duration(setUp)}`);
  for (const { name, counts, milliseconds } of results) {
    console.log(
      `${name.padEnd(14)} ${(milliseconds / 60_000).toFixed(1)} min   ${counts.passed} passed, ${counts.failed} failed`,
    );
  }
  const passed = results.reduce((sum, { counts }) => sum + counts.passed, 0);
  const failed = results.reduce((sum, { counts }) => sum + counts.failed, 0);
  console.log(`\n${passed} passed, ${failed} failed`);
  return failed === 0 && passed > 0 ? 0 : 1;
}

/** Format and lint, types, and what nothing uses: three checks, each of which passes or fails. */
async function check(): Promise<Counts> {
  const commands = [["biome", "check", "."], ["tsc", "--noEmit"], ["knip"]];
  const codes = await Promise.all(
    commands.map(async ([program = "", ...args]) => {
      const { exitCode, all } = await execa(program, args, {
        cwd: root,
        preferLocal: true,
        reject: false,
        all: true,
      });
      if (exitCode !== 0) console.log(all);
      return exitCode;
    }),
  );
  const failed = codes.filter((code) => code !== 0).length;
  return { passed: codes.length - failed, failed };
}

/** Runs one folder of tests. A runner that dies without a report counts as one failure. */
async function vitest(folder: string): Promise<Counts> {
  const file = join(local, "tests", `${folder}.json`);
  await mkdir(join(local, "tests"), { recursive: true });
  await rm(file, { force: true });
  const { exitCode } = await execa(
    "vitest",
    [
      "run",
      "--dir",
      join("test", folder),
      "--reporter=default",
      "--reporter=json",
      `--outputFile.json=${file}`,
    ],
    { cwd: root, preferLocal: true, reject: false, stdio: ["ignore", "inherit", "inherit"] },
  );
  const text = await readFile(file, "utf8").catch(() => undefined);
  if (text === undefined) return { passed: 0, failed: 1 };
  const { numPassedTests: passed, numFailedTests: failed, numFailedTestSuites: suites } = JSON.parse(text);
  const counted: Counts = { passed: Number(passed), failed: Number(failed) };
  // A file that cannot be loaded has no failed test, but has failed.
  return exitCode !== 0 && counted.failed === 0
    ? { ...counted, failed: Math.max(1, Number(suites)) }
    : counted;
}
