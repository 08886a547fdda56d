import { execa } from "execa";
import { root } from "../../toolchain/paths.ts";
import type { World } from "./world.ts";

/** What `spiloctl --json` ended with. */
export interface Told {
  readonly exitCode: number;
  /** The report, or the error. */
  // biome-ignore lint/suspicious/noExplicitAny: each verb has a report of its own, and the tests look into it
  readonly report: any;
  /** What was said on standard error. */
  readonly said: string;
}

/** `./run spiloctl VERB … --json` on the world's stack. Never rejects. */
export async function spiloctl(world: World, ...args: string[]): Promise<Told> {
  const { exitCode = -1, stdout, stderr } = await execa("./run", commandOf(world, args), optionsOf(world));
  const report = stdout === "" ? undefined : JSON.parse(stdout);
  // A test that did not expect it shows a number, and this says why.
  if (report?.error !== undefined)
    console.log(`spiloctl ${args.join(" ")}: ${exitCode}: ${report.error.message}`);
  return { exitCode, report, said: stderr };
}

/** The same in a process group of its own, to be killed whole, or interrupted as a terminal does. */
export function startSpiloctl(
  world: World,
  ...args: string[]
): { kill(): Promise<void>; interrupt(): Promise<{ readonly exitCode: number; readonly said: string }> } {
  const child = execa("./run", commandOf(world, args), { ...optionsOf(world), detached: true });
  const signal = async (name: "SIGKILL" | "SIGINT") => {
    process.kill(-(child.pid ?? process.pid), name);
    return await child;
  };
  return {
    kill: async () => {
      await signal("SIGKILL");
    },
    interrupt: async () => {
      const { exitCode = -1, stderr } = await signal("SIGINT");
      return { exitCode, said: stderr };
    },
  };
}

function commandOf({ stack }: World, args: readonly string[]): string[] {
  return ["spiloctl", "--stack", stack, ...args, "--json"];
}

function optionsOf({ directory }: World) {
  return { cwd: root, env: { SPILO_RUN_DIR: directory }, reject: false } as const;
}
