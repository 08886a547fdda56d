import { main } from "../actions/cli/main.ts";
import { root } from "./paths.ts";
import { preparePulumi } from "./prepare.ts";

/** The same `spiloctl` as on its own, for the stack `dev` of this checkout unless another is named. */
export async function spiloctl(args: string[]): Promise<number> {
  // Help is to be had on a machine that has nothing yet.
  if (args.length > 0 && args[0] !== "help" && !args.includes("--help") && !args.includes("-h")) {
    const { env } = await preparePulumi();
    Object.assign(process.env, env);
  }
  return await main(args, { defaultStack: "dev", folder: root });
}
