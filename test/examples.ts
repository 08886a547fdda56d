import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import type { SpiloClusterArgs } from "../components/index.ts";
import { root } from "../toolchain/paths.ts";

const folder = join(root, "examples");

/** Names of the examples that are the configuration of a stack. */
export const exampleNames = readdirSync(folder)
  .filter((file) => file.endsWith(".yaml"))
  .map((file) => file.replace(/\.yaml$/, ""));

/** The specification in an example. */
export function example(name: string): SpiloClusterArgs {
  return parse(readFileSync(join(folder, `${name}.yaml`), "utf8")).config["spilo:cluster"];
}
