import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { Failure } from "./failure.ts";
import { passphraseFile, pulumiHome, stateDirectory } from "./paths.ts";

/** Where the stack's state is kept, and the environment that says so to every `pulumi` command. */
export interface Backend {
  readonly how: string;
  readonly env: Record<string, string>;
  /** Whether the state is a folder of this checkout. */
  readonly isLocal: boolean;
}

/**
 * The backend in which the user is logged in, else a folder of this checkout with a generated passphrase.
 *
 * `~/.pulumi` is read, never written: the engine gets a home of its own.
 */
export async function ensureBackend(): Promise<Backend> {
  await mkdir(pulumiHome, { recursive: true });
  const common = { PULUMI_HOME: pulumiHome, PULUMI_SKIP_UPDATE_CHECK: "true" };
  const elsewhere = await loggedInElsewhere();
  if (elsewhere) return { how: elsewhere.where, env: { ...common, ...elsewhere.env }, isLocal: false };
  await mkdir(stateDirectory, { recursive: true });
  await ensurePassphrase();
  return {
    how: "state in this folder",
    env: {
      ...common,
      PULUMI_BACKEND_URL: `file://${stateDirectory}`,
      PULUMI_CONFIG_PASSPHRASE_FILE: passphraseFile,
    },
    isLocal: true,
  };
}

/** The user's own choice: by environment, or by `pulumi login`. */
async function loggedInElsewhere(): Promise<{ where: string; env: Record<string, string> } | undefined> {
  const url = process.env["PULUMI_BACKEND_URL"];
  if (url !== undefined && url !== `file://${stateDirectory}`) return { where: `state in ${url}`, env: {} };
  if (url === undefined && process.env["PULUMI_ACCESS_TOKEN"] !== undefined)
    return { where: "state in Pulumi Cloud", env: {} };
  const file = join(process.env["PULUMI_CREDENTIALS_PATH"] ?? join(homedir(), ".pulumi"), "credentials.json");
  if (url !== undefined || !existsSync(file)) return undefined;
  const { current } = JSON.parse(await readFile(file, "utf8"));
  if (typeof current !== "string" || current === "") return undefined;
  // A copy, so that the token stands in no environment and the user's own file is never written.
  const copy = join(pulumiHome, "credentials.json");
  await copyFile(file, copy);
  await chmod(copy, 0o600);
  return { where: `state in ${current}`, env: { PULUMI_BACKEND_URL: current } };
}

/** Made once; without it the secrets in the state cannot be read, so a lost one is never silently replaced. */
async function ensurePassphrase(): Promise<void> {
  if (existsSync(passphraseFile)) return;
  if (existsSync(join(stateDirectory, ".pulumi", "stacks"))) {
    throw new Failure(
      `passphrase file lost: ${passphraseFile}`,
      "the state of a stack is here, and its secrets can only be read with that passphrase.",
      "Put the file back; or give the stack up with `./run down --forget`, which removes its containers, volumes and state by their labels.",
    );
  }
  await writeFile(passphraseFile, `${randomBytes(24).toString("base64url")}\n`, { mode: 0o600 });
}
