import { existsSync } from "node:fs";
import { copyFile, mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { BuildOptions, ImageName } from "./build.ts";
import { runLines } from "./docker-client.ts";
import { sharedBy } from "./shared-by.ts";
import { notInImage, sourceHash } from "./source-hash.ts";

/**
 * Packs what `docker build -` reads: the image's folder, and what only this host can add to it.
 *
 * @returns the path of a tar file in the work folder.
 */
export async function buildContext(name: ImageName, options: BuildOptions): Promise<string> {
  await mkdir(options.workDir, { recursive: true });
  await removeLeftovers(options.workDir);
  const added = await addedByHost(name, options);
  const excludes = notInImage.map((pattern) => `--exclude=${pattern}`);
  const images = join(options.root, "images");
  const sources = [
    { folder: join(images, name), entry: "." },
    ...(added ? [{ folder: added, entry: "." }] : []),
    ...sharedBy(name).map((shared) => ({ folder: images, entry: shared })),
  ];
  return whole(join(options.workDir, `${name}.context.tar`), (unfinished) =>
    runLines(
      "tar",
      [
        ...["--create", "--file", unfinished, ...excludes],
        ...sources.flatMap(({ folder, entry }) => ["-C", folder, entry]),
      ],
      options,
    ),
  );
}

/** A folder with the files that an image needs and the project does not hold. */
async function addedByHost(name: ImageName, options: BuildOptions): Promise<string | undefined> {
  switch (name) {
    case "s3":
      return compiledMinio(options);
    case "spilo":
    case "ci":
      return pythonRegistryAccess(options.workDir);
    case "etcd":
    case "proxy":
    case "probe":
    case "cloud":
      return undefined;
  }
}

/** Compiles the S3 server from its Go module, once for each `go.mod` and `go.sum`. */
async function compiledMinio(options: BuildOptions): Promise<string> {
  const folder = join(options.workDir, `minio-${sourceHash(options.root, ["s3"])}`);
  await mkdir(folder, { recursive: true });
  if (existsSync(join(folder, "minio"))) return folder;
  await whole(join(folder, "minio"), (unfinished) =>
    runLines(
      options.goBinary ?? "go",
      [...["build", "-trimpath", "-ldflags", "-s -w"], "-o", unfinished, "github.com/minio/minio"],
      {
        ...options,
        cwd: join(options.root, "images", "s3"),
        env: { CGO_ENABLED: "0", GOFLAGS: "-mod=readonly" },
        why: "the S3 server is compiled by it; none is needed with backup.endpoint (--no-s3)",
      },
    ),
  );
  return folder;
}

/** The certificates and settings with which this host reaches the Python registry. Only a throw-away stage has them. */
async function pythonRegistryAccess(workDir: string): Promise<string> {
  const folder = join(workDir, "spilo.host");
  await mkdir(join(folder, "host"), { recursive: true });
  const certificates = [
    process.env["PIP_CERT"],
    process.env["SSL_CERT_FILE"],
    "/etc/ssl/certs/ca-certificates.crt",
  ];
  await copyOrEmpty(certificates, join(folder, "host", "ca-certificates.crt"));
  await copyOrEmpty([process.env["PIP_CONFIG_FILE"], "/etc/pip.conf"], join(folder, "host", "pip.conf"));
  return folder;
}

/** Copies the first file that exists; makes an empty one when none does. */
async function copyOrEmpty(candidates: readonly (string | undefined)[], target: string): Promise<void> {
  const source = candidates.find((path) => path !== undefined && existsSync(path));
  await whole(target, (unfinished) => (source ? copyFile(source, unfinished) : writeFile(unfinished, "")));
}

/** Writes a file under a temporary name that tells the process, so that a file of its own name is always whole. */
async function whole(path: string, write: (unfinished: string) => Promise<void>): Promise<string> {
  const unfinished = `${path}.${process.pid}.unfinished`;
  await write(unfinished);
  await rename(unfinished, path);
  return path;
}

/** Removes what killed processes left unfinished. */
async function removeLeftovers(workDir: string): Promise<void> {
  for (const entry of await readdir(workDir, { recursive: true })) {
    const pid = /\.(\d+)\.unfinished$/.exec(entry)?.[1];
    if (pid && !existsSync(`/proc/${pid}`)) await rm(join(workDir, entry), { force: true });
  }
}
