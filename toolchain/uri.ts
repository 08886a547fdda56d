import { stackOptions } from "./options.ts";
import { readOutputs } from "./outputs.ts";
import { preparePulumi } from "./prepare.ts";
import { openStack } from "./stack.ts";

/** Prints the read-write connection string and nothing else: made for `psql "$(./run uri)"`. */
export async function uri(args: string[]): Promise<number> {
  const { stack: name } = stackOptions(args);
  const stack = await openStack(name, { ...(await preparePulumi()), images: {} });
  console.log((await readOutputs(stack)).uri);
  return 0;
}
