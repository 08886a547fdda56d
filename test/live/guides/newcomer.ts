import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { execa } from "execa";
import { root } from "../../../toolchain/paths.ts";
import { declareUnguarded } from "../world.ts";
import { notPrinted, type Step } from "./guide.ts";

/** Somebody who has just got this project, and types what a page says, line by line, in one shell. */
export interface Newcomer {
  /**
   * @returns what is wrong with the page, nothing if it is right; what was printed goes to standard output.
   * @throws Error when a command ends otherwise than the page says, with all that was printed.
   */
  follow(steps: readonly Step[]): Promise<readonly string[]>;
  /** Takes everything away, wherever the page was left. */
  dispose(): Promise<void>;
}

interface Wanted {
  /** In place of `dev`, so that the cluster of whoever runs the tests is left alone. */
  readonly stack: string;
  /** What cannot be had here, with what stands in for it: read literally, wherever it occurs. */
  readonly standIns?: Readonly<Record<string, string>>;
  /** Further stacks that the page makes. */
  readonly stacks?: readonly string[];
}

/** Files as they would be checked out, without anything that was made here but the tools and the packages. */
export async function newcomer({ stack, standIns = {}, stacks = [] }: Wanted): Promise<Newcomer> {
  const folder = await mkdtemp(join(tmpdir(), `spilo-${stack}-`));
  const files = await execa("git", ["ls-files", "--cached", "--others", "--exclude-standard"], { cwd: root });
  for (const file of files.stdout.split("\n")) {
    await mkdir(join(folder, dirname(file)), { recursive: true });
    await cp(join(root, file), join(folder, file), { preserveTimestamps: true });
  }
  await symlink(join(root, "node_modules"), join(folder, "node_modules"));
  await mkdir(join(folder, ".local"));
  await cp(join(root, ".local/tools"), join(folder, ".local/tools"), {
    recursive: true,
    preserveTimestamps: true,
  });
  // What `./run up` writes for `dev`, which is the one stack that nothing guards.
  await declareUnguarded(folder, stack);

  const follow = async (steps: readonly Step[]) => {
    const script = scriptOf(steps.map(({ commands }) => typed(commands, stack, standIns)));
    const { all: output, exitCode } = await execa("bash", ["-c", script], {
      ...{ cwd: folder, all: true, reject: false, stdin: "ignore", timeout: 40 * 60_000 },
    });
    const printed = stripVTControlCharacters(output);
    console.log(printed);
    if (exitCode !== 0) throw new Error(`a command of the page failed:\n${printed}`);
    const parts = printed.split(/^═══ \d+\n/m).slice(1);
    return steps.flatMap(({ commands, shown }, index) =>
      notPrinted(
        shown.map((line) => named(line, stack)),
        parts[index] ?? "",
      ).map((line) => `after ${commands.split("\n", 1)[0]} the page shows “${line}”`),
    );
  };
  const dispose = async () => {
    for (const one of [...stacks, stack]) {
      await declareUnguarded(folder, one);
      await execa("./run", ["down", "--stack", one, "--forget"], { cwd: folder, reject: false });
    }
    if (existsSync(join(folder, ".local/s3-server"))) {
      await execa("sh", ["examples/s3-server.sh", "stop"], { cwd: folder, reject: false });
    }
    await rm(folder, { recursive: true, force: true });
  };
  return { follow, dispose };
}

/** A page's commands for another stack than `dev`; `# ends with 3` or `# fails` behind one is how it is to end. */
function typed(commands: string, stack: string, standIns: Readonly<Record<string, string>>): string {
  const others = Object.entries(standIns).reduce((text, [what, by]) => text.replaceAll(what, by), commands);
  return named(others, stack)
    .split("\n")
    .map((line) => {
      const [, command, how, code] = /^(.*\S)\s+# (ends with (\d+)|fails)$/.exec(line) ?? [];
      if (command === undefined) return line;
      return how === "fails" ? `fails ${command}` : `ends_with ${code} ${command}`;
    })
    .join("\n");
}

function named(text: string, stack: string): string {
  return text
    .replace(
      /\.\/run (up|down|uri|spiloctl (?!help|sweep|images)[a-z]+)\b(?![^\n)]*--stack)/g,
      `$& --stack ${stack}`,
    )
    .replace(/(?<!\w)dev\b(?!\/null)/g, stack);
}

function scriptOf(blocks: readonly string[]): string {
  const lines = blocks.flatMap((block, index) => [`echo "═══ ${index + 1}"`, block]);
  return [
    "exec 2>&1",
    "set -Eeuo pipefail",
    `trap 'echo "ended with $?: $BASH_COMMAND"' ERR`,
    'fails() { if "$@"; then echo "should fail: $*"; exit 1; fi; }',
    'ends_with() { local wanted=$1 code=0; shift; "$@" || code=$?; [ "$code" = "$wanted" ] || { echo "ended with $code: $*"; exit 1; }; }',
    ...lines,
  ].join("\n");
}
