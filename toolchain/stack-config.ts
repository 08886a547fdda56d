import { existsSync } from "node:fs";
import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseDocument } from "yaml";
import { root } from "./paths.ts";

/** Images of the parts as they are called on this machine's engine; a name that is absent is the default. */
export type ImageNames = Readonly<Partial<Record<"spilo" | "etcd" | "proxy" | "s3", string>>>;

export function configFile(stack: string): string {
  return join(root, `Pulumi.${stack}.yaml`);
}

/**
 * Makes sure that the stack's configuration names a cluster, and which images this machine has for it.
 *
 * What a person wrote there stays, comments included: only `spilo:images` is ours, and a missing
 * `spilo:cluster` gets the stack's name.
 */
export async function ensureStackConfig(stack: string, images: ImageNames): Promise<void> {
  const file = configFile(stack);
  const before = existsSync(file) ? await readFile(file, "utf8") : "";
  const document = parseDocument(before === "" ? "config: {}\n" : before);
  if (!document.hasIn(["config"])) document.setIn(["config"], document.createNode({}));
  if (!document.hasIn(["config", "spilo:cluster"])) {
    document.setIn(["config", "spilo:cluster"], document.createNode({ name: stack }));
  }
  if (Object.keys(images).length > 0) document.setIn(["config", "spilo:images"], document.createNode(images));
  else document.deleteIn(["config", "spilo:images"]);
  const after = document.toString();
  if (after === before) return;
  await writeFile(`${file}.new`, after);
  await rename(`${file}.new`, file);
}

/** The specification as the user wrote it; nothing of it is checked here. */
export async function readSpecification(stack: string): Promise<unknown> {
  const document = parseDocument(await readFile(configFile(stack), "utf8"));
  const node = document.toJS()?.config?.["spilo:cluster"];
  return node;
}
