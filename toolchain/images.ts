import { existsSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { unlessStatus } from "../actions/engine/unless-status.ts";
import { publishedImages } from "../cluster/schema/published-images.ts";
import { buildImage, imageTag } from "../images/build.ts";
import { answers } from "./answers.ts";
import { installPackages } from "./apt.ts";
import { connectEngine } from "./engine.ts";
import { ensureGo } from "./go.ts";
import { local, root } from "./paths.ts";
import { type Report, step } from "./progress.ts";
import type { ImageNames } from "./stack-config.ts";

type Part = keyof Required<ImageNames>;

/** Those that a project publishes; HAProxy with its VIP and the S3 server are always built here. */
const OFFICIAL: Readonly<Partial<Record<Part, string>>> = {
  spilo: publishedImages.spilo,
  etcd: publishedImages.etcd,
};

/** Every image on the engine: pulled where it can be, else built. Returns the names of those that are not official. */
export async function ensureImages(): Promise<ImageNames> {
  const names: Partial<Record<Part, string>> = {};
  for (const part of ["spilo", "etcd", "proxy", "s3"] as const) {
    const { name } = await step(`image ${part}`, (report) => ensureImage(part, report));
    if (name !== OFFICIAL[part]) names[part] = name;
  }
  return names;
}

async function ensureImage(part: Part, report: Report): Promise<{ how: string; name: string }> {
  const official = OFFICIAL[part];
  if (official !== undefined) {
    if (await isPresent(official)) return { how: `${official} present`, name: official };
    if (await pull(official, report)) return { how: `${official} pulled`, name: official };
  }
  const name = imageTag(part, root);
  if (await isPresent(name)) return { how: `${name} built earlier`, name };
  await ensureBuilders(part, report);
  await buildImage(part, { root, workDir: join(local, "tmp", "images"), onLine: report });
  return { how: `${name} built from Debian packages`, name };
}

/** What a build takes on this host: debootstrap for the base, Go for the S3 server. */
async function ensureBuilders(part: Part, report: Report): Promise<void> {
  if (part === "s3") await ensureGo("the S3 server");
  if (!existsSync("/usr/sbin/debootstrap"))
    await installPackages(["debootstrap"], "images are built with it", report);
}

async function isPresent(name: string): Promise<boolean> {
  return (await unlessStatus(404, connectEngine().getImage(name).inspect())) !== undefined;
}

/** Asks the registry's host first: an engine waits much longer for one that does not answer. */
async function pull(name: string, report: Report): Promise<boolean> {
  const host = name.split("/")[0];
  if (!(await answers(`https://${host}/v2/`))) return false;
  report(`pulling ${name}`);
  const result = await execa("docker", ["pull", name], { reject: false });
  return result.exitCode === 0;
}
