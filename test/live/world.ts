import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { parseDocument, stringify } from "yaml";
import { root } from "../../toolchain/paths.ts";

/** A stack with one cluster of its name, whatever program declares it. */
export interface Stack {
  readonly stack: string;
  /** Plain `pulumi`, with the environment that the program's own folder takes. */
  pulumi(...args: string[]): Promise<string>;
}

/**
 * A stack of its own for a test: state, passphrase and logs in a temporary folder, tools and images shared.
 */
export interface World extends Stack {
  /** State, passphrase and logs. */
  readonly directory: string;
  /** `./run VERB --stack …`; rejects unless it ends with 0. Returns everything it printed. */
  run(verb: string, ...args: string[]): Promise<string>;
  /** The same, in a process group of its own that can be killed whole. */
  start(verb: string): Started;
  /** Changes the specification in the stack's configuration file; undefined takes the key out. */
  specify(path: readonly string[], value: unknown): Promise<void>;
  /** Removes everything, whatever state the stack is in. */
  dispose(): Promise<void>;
}

/** A process that leads a group of its own. */
export interface Started {
  /** Kills the whole group at once, as a machine that loses power would, and waits for its end. */
  kill(): Promise<void>;
}

/**
 * A test takes down what it has made: in any stack but `dev` that is refused unless the specification says so. `dispose`
 * removes backups as well.
 */
const unguarded = { deletionProtection: false, finalBackup: false };

/** Writes the configuration of a stack that may be taken down, whatever stood there. */
export async function declareUnguarded(folder: string, stack: string): Promise<void> {
  const declared = { name: stack, ...unguarded };
  await writeFile(join(folder, `Pulumi.${stack}.yaml`), stringify({ config: { "spilo:cluster": declared } }));
}

/**
 * @param specification what the stack declares; without one, a cluster of the stack's name with all defaults.
 * @param beside further keys of the stack's configuration.
 * @param neighbour whose backend the stack is in; it is to be disposed of after this one. @default one of its own
 */
export async function makeWorld(
  stack: string,
  specification: object = {},
  beside: object = {},
  neighbour?: World,
): Promise<World> {
  const directory = neighbour?.directory ?? (await mkdtemp(join(tmpdir(), `spilo-${stack}-`)));
  const env = { SPILO_RUN_DIR: directory };
  const configuration = join(root, `Pulumi.${stack}.yaml`);
  const declared = { name: stack, ...unguarded, ...specification };
  await writeFile(configuration, stringify({ config: { "spilo:cluster": declared, ...beside } }));
  const run = async (verb: string, ...args: string[]) =>
    (await execa("./run", [verb, "--stack", stack, ...args], { cwd: root, env, all: true })).all;
  return {
    stack,
    directory,
    run,
    start: (verb) => {
      const child = execa("./run", [verb, "--stack", stack], {
        cwd: root,
        env,
        detached: true,
        reject: false,
      });
      return {
        kill: async () => {
          process.kill(-(child.pid ?? process.pid), "SIGKILL");
          await child;
        },
      };
    },
    pulumi: async (...args) => {
      const exports = (await execa("./run", ["env"], { cwd: root, env })).stdout;
      const script = `${exports}\nexec pulumi "$@" --stack ${stack} --non-interactive`;
      return (await execa("bash", ["-c", script, "bash", ...args], { cwd: root, env, all: true })).all;
    },
    specify: async (path, value) => {
      const document = parseDocument(await readFile(configuration, "utf8"));
      const key = ["config", "spilo:cluster", ...path];
      if (value === undefined) document.deleteIn(key);
      else document.setIn(key, value);
      await writeFile(configuration, document.toString());
    },
    dispose: async () => {
      await declareUnguarded(root, stack);
      await execa("./run", ["down", "--stack", stack, "--forget"], { cwd: root, env, reject: false });
      await rm(configuration, { force: true });
      if (neighbour === undefined) await rm(directory, { recursive: true, force: true });
    },
  };
}
