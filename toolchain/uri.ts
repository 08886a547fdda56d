import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stackOptions } from "./options.ts";
import { readOutputs } from "./outputs.ts";
import { authorityDirectory } from "./paths.ts";
import { preparePulumi } from "./prepare.ts";
import { openStack } from "./stack.ts";

/**
 * Prints the read-write connection string and nothing else: made for `psql "$(./run uri)"`. It names a file with the
 * authority that the server's certificate is checked with, which is written here.
 */
export async function uri(args: string[]): Promise<number> {
  const { stack: name } = stackOptions(args);
  const stack = await openStack(name, { ...(await preparePulumi()), images: {} });
  const outputs = await readOutputs(stack);
  const file = join(authorityDirectory, `${name}.crt`);
  await mkdir(authorityDirectory, { recursive: true });
  await writeFile(file, outputs.ca);
  console.log(`${outputs.uri}&sslrootcert=${file}`);
  return 0;
}
