import { mkdir, readFile, rm } from "node:fs/promises";
import { join, relative } from "node:path";
import { execa } from "execa";
import { local, root } from "./paths.ts";

/** What came of a part of the tests. */
export interface Outcome {
  readonly passed: number;
  readonly failed: number;
  /** A line for each that failed. */
  readonly failures: readonly string[];
  readonly output: string;
}

/** As much of the runner's report as is read. */
interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numFailedTestSuites: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message?: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

/** Format and lint, types, and what nothing uses: three checks, each of which passes or fails. */
export async function check(): Promise<Outcome> {
  const commands = [["biome", "check", "."], ["tsc", "--noEmit"], ["knip"]];
  const ended = await Promise.all(
    commands.map(async ([program = "", ...args]) => {
      return await execa(program, args, { cwd: root, preferLocal: true, reject: false, all: true });
    }),
  );
  const failed = ended.filter(({ exitCode }) => exitCode !== 0);
  const output = failed.map(({ command, all }) => `${command}\n${all}`).join("\n");
  const failures = failed.map(({ command }) => command);
  return { passed: ended.length - failed.length, failed: failed.length, failures, output };
}

/** Of one failure that is told again at the end. */
const MOST_LINES = 6;

export interface Files {
  /** Of the group. @default the folder's */
  readonly name?: string;
  /** Names of files, without their ending. @default all of the folder */
  readonly only?: readonly string[];
  /** @default none */
  readonly except?: readonly string[];
  readonly args?: readonly string[];
}

/** Runs tests of one folder. A runner that dies without a report counts as one failure. */
export async function vitest(folder: string, files: Files = {}): Promise<Outcome> {
  const { name = folder, only = [], except = [], args = [] } = files;
  const file = join(local, "tests", `${name}.json`);
  await mkdir(join(local, "tests"), { recursive: true });
  await rm(file, { force: true });
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${file}`];
  const chosen = [
    ...only.map((test) => `test/${folder}/${test}.test.ts`),
    ...except.flatMap((test) => ["--exclude", `${test}.test.ts`]),
  ];
  const { exitCode, all: output } = await execa(
    "vitest",
    ["run", "--dir", join("test", folder), ...reporters, ...args, ...chosen],
    { cwd: root, preferLocal: true, reject: false, all: true, stdin: "ignore" },
  );
  const text = await readFile(file, "utf8").catch(() => undefined);
  if (text === undefined)
    return { passed: 0, failed: 1, failures: ["the runner ended without a report"], output };
  const report: Report = JSON.parse(text);
  const { numPassedTests: passed, numFailedTests: failed, numFailedTestSuites: suites } = report;
  // A file that cannot be loaded has no failed test, but has failed.
  const unseen = exitCode !== 0 && failed === 0 ? Math.max(1, suites) : 0;
  return { passed, failed: failed + unseen, failures: failuresOf(report), output };
}

/** Each test that failed, and each file that could not be loaded, with why. */
function failuresOf({ testResults }: Report): readonly string[] {
  return testResults.flatMap(({ name, status, message = "", assertionResults }) => {
    const tests = assertionResults
      .filter((test) => test.status === "failed")
      .map(({ fullName, failureMessages }) => `${fullName}: ${reasonIn(failureMessages[0] ?? "")}`);
    const isLoaded = status !== "failed" || tests.length > 0;
    return isLoaded ? tests : [`${relative(root, name)}: ${reasonIn(message)}`];
  });
}

/** The message without where it was thrown: of a command that failed, what it printed stands below its first line. */
function reasonIn(text: string): string {
  const lines = text.split("\n").map((line) => line.trim());
  const trace = lines.findIndex((line) => line.startsWith("at "));
  const message = (trace < 0 ? lines : lines.slice(0, trace)).filter((line) => line !== "");
  return message.slice(0, MOST_LINES).join("\n  ");
}
