import { execa } from "execa";
import { stopOwnEngine } from "./engine.ts";
import { root } from "./paths.ts";
import { prepare } from "./prepare.ts";

/** Runs the counted rounds and long runs of a letter, going on where an earlier run has stopped. */
export async function prove(args: string[]): Promise<number> {
  try {
    await prepare();
    const program = ["--import", "tsx", "test/prove/main.ts", ...args];
    const { exitCode } = await execa("node", program, { cwd: root, stdio: "inherit", reject: false });
    return exitCode ?? 1;
  } finally {
    await stopOwnEngine();
  }
}
