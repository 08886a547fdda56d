import { existsSync } from "node:fs";
import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseDocument } from "yaml";
import { guardsData } from "../cluster/schema/stack-defaults.ts";
import { Failure } from "./failure.ts";
import { passphraseFile, root } from "./paths.ts";

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
 *
 * @param placement of a cluster for which nobody has written one down. @default this machine's engine
 */
export async function ensureStackConfig(
  stack: string,
  images: ImageNames,
  placement?: object,
): Promise<void> {
  const file = configFile(stack);
  const before = existsSync(file) ? await readFile(file, "utf8") : "";
  const document = parseDocument(before);
  if (!document.has("config")) document.set("config", document.createNode({}));
  if (!document.hasIn(["config", "spilo:cluster"])) {
    const specification = {
      name: stack,
      ...(placement === undefined ? placementOf(process.env["DOCKER_HOST"]) : { placement }),
    };
    document.setIn(["config", "spilo:cluster"], document.createNode(specification));
  }
  const written = ["config", "spilo:cluster", "placement"];
  if (placement !== undefined && !document.hasIn(written)) {
    document.setIn(written, document.createNode(placement));
  }
  if (Object.keys(images).length > 0) document.setIn(["config", "spilo:images"], document.createNode(images));
  else document.deleteIn(["config", "spilo:images"]);
  const after = document.toString();
  if (after === before) return;
  await writeFile(`${file}.new`, after);
  await rename(`${file}.new`, file);
}

/** A cluster goes to the engine on which its images were made ready. */
function placementOf(dockerHost: string | undefined): object {
  return dockerHost === undefined ? {} : { placement: { zones: [{ name: "local", host: dockerHost }] } };
}

/**
 * Takes out the salt of a passphrase that is no longer ours, so that the stack gets a new one.
 *
 * @throws Failure when something in the file is encrypted with it: that would be lost.
 */
export async function forgetSalt(stack: string, cause: Error): Promise<void> {
  const file = configFile(stack);
  const text = existsSync(file) ? await readFile(file, "utf8") : "";
  const document = parseDocument(text);
  if (/\bsecure:/.test(text) || !document.has("encryptionsalt")) {
    throw new Failure(
      `${file}: does not fit the passphrase in ${passphraseFile}`,
      "secrets in it or in the state were encrypted with another passphrase.",
      "Put that passphrase back; or take the `secure:` values and `encryptionsalt` out of the file, run this again, and set them anew (pulumi config set --secret).",
      { cause },
    );
  }
  document.delete("encryptionsalt");
  await writeFile(file, document.toString());
}

/**
 * The name of the cluster that a stack's configuration protects, by the default of its stack if it says nothing; undefined
 * when it protects none, or when there is no configuration.
 */
export async function protectedByConfig(stack: string): Promise<string | undefined> {
  if (!existsSync(configFile(stack))) return undefined;
  const written = await readSpecification(stack);
  if (typeof written !== "object" || written === null) return undefined;
  const {
    name = stack,
    deletionProtection = guardsData(stack),
  }: { name?: unknown; deletionProtection?: unknown } = written;
  return deletionProtection === false ? undefined : String(name);
}

/** The specification as the user wrote it; nothing of it is checked here. */
export async function readSpecification(stack: string): Promise<unknown> {
  const document = parseDocument(await readFile(configFile(stack), "utf8"));
  return document.toJS()?.config?.["spilo:cluster"];
}
