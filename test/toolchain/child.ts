import { execa } from "execa";
import { root } from "../../toolchain/paths.ts";

export interface Ended {
  readonly exitCode: number | undefined;
  readonly output: string;
}

/** Runs a command of this project in a process of its own, with some of the environment replaced. */
export async function inChild(command: readonly string[], env: Record<string, string>): Promise<Ended> {
  const [program = "", ...args] = command;
  const { exitCode, all } = await execa(program, args, {
    cwd: root,
    env,
    reject: false,
    all: true,
    timeout: 60_000,
  });
  return { exitCode, output: all };
}

/** A program text that calls one exported function of a module and prints the failure it throws. */
export function calling(module: string, call: string): string[] {
  const text = `
    import { ${call.split("(")[0]} } from ${JSON.stringify(`${root}/toolchain/${module}`)};
    import { Failure, failureText } from ${JSON.stringify(`${root}/toolchain/failure.ts`)};
    try { console.log(JSON.stringify(await ${call})); }
    catch (error) { console.log(error instanceof Failure ? failureText(error) : String(error)); process.exit(1); }
  `;
  return [
    process.execPath,
    "--import",
    `file://${root}/node_modules/tsx/dist/esm/index.mjs`,
    "--input-type=module",
    "-e",
    text,
  ];
}
