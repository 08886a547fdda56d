import { existsSync } from "node:fs";
import { mkdir, readFile, symlink } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { answers } from "./answers.ts";
import { makeAtomically } from "./atomic.ts";
import { local, pulumiHome, root } from "./paths.ts";
import type { Report } from "./progress.ts";

/** The docker plugin of the SDK's version: the official one, else our stand-in in the same place. */
export async function ensureDockerPlugin(
  env: Record<string, string>,
  report: Report,
): Promise<{ readonly how: string }> {
  const version = await sdkVersion();
  const target = join(pulumiHome, "plugins", `resource-docker-v${version}`);
  const standIn = join(target, "stand-in");
  if (existsSync(standIn)) return { how: `${version} stand-in (no download from here)` };
  if (existsSync(join(target, "pulumi-resource-docker"))) return { how: `${version} official` };
  const archive = `pulumi-resource-docker-v${version}-linux-${process.arch === "arm64" ? "arm64" : "amd64"}.tar.gz`;
  if (await answers(`https://get.pulumi.com/releases/plugins/${archive}`, (status) => status === 200)) {
    report("downloading");
    await execa("pulumi", ["plugin", "install", "resource", "docker", version], { env });
    return { how: `${version} downloaded` };
  }
  await makeAtomically(target, join(local, "tmp"), layStandIn);
  return { how: `${version} stand-in (no download from here)` };
}

/** The name `stand-in` beside it is how a later run, and a person, sees which of the two is there. */
async function layStandIn(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  const source = join(root, "toolchain", "docker-plugin");
  await symlink(join(source, "pulumi-resource-docker"), join(directory, "pulumi-resource-docker"));
  await symlink(source, join(directory, "stand-in"));
}

async function sdkVersion(): Promise<string> {
  const manifest: unknown = JSON.parse(
    await readFile(join(root, "node_modules", "@pulumi", "docker", "package.json"), "utf8"),
  );
  if (typeof manifest === "object" && manifest !== null && "version" in manifest)
    return String(manifest.version);
  throw new Error(
    "@pulumi/docker has no version in its package.json: remove node_modules and run this again",
  );
}
