import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** The script that the Pulumi CLI starts. */
export const PLUGIN = join(root, "toolchain/docker-plugin/pulumi-resource-docker");

/** What these tests make on the engine is called so. */
export const PREFIX = "psconf-";
