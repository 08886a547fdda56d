import { findOrMakeBase } from "./base-image.ts";
import { buildContext } from "./build-context.ts";
import { imageExists, runLines } from "./docker-client.ts";
import { sharedBy } from "./shared-by.ts";
import { sourceHash } from "./source-hash.ts";

/** The images of this project; `probe`, `cloud` and `ci` are for tests alone. Each has a folder of its name beside this file, with a Dockerfile on `ARG BASE`. */
export type ImageName = "spilo" | "etcd" | "proxy" | "s3" | "probe" | "cloud" | "ci";

/** How and where an image is built. */
export interface BuildOptions {
  /** The project's root folder. */
  readonly root: string;
  /** An ignored folder for what a build needs on disk. It may be shared by all builds and survive them. */
  readonly workDir: string;
  /** The image to build on. Default: `debian:trixie-slim` if it can be had, else one made by debootstrap. */
  readonly baseImage?: string;
  /** Patroni's version in the spilo image. Default: the one in its Dockerfile. Part of the tag. */
  readonly patroniVersion?: string;
  /** The Go program that compiles the S3 server. Default: `go` on PATH. */
  readonly goBinary?: string;
  /** Called with each line that the build prints. */
  readonly onLine?: (line: string) => void;
  /** Stops the build; what was begun is removed or taken over by the next build. */
  readonly signal?: AbortSignal;
}

/**
 * The tag that an image gets: `pulumi-spilo/<name>:<12 hex digits>`, from every file that goes into it, so that a
 * tag which exists never has other contents.
 */
export function imageTag(name: ImageName, root: string, patroniVersion?: string): string {
  return `pulumi-spilo/${name}:${sourceHash(root, [name, ...sharedBy(name), "base"], patroniVersion)}`;
}

/**
 * Builds an image unless its tag exists, and returns the tag.
 *
 * The tag appears when the build is complete. A build that was stopped, even by SIGKILL, is taken over by the next
 * one: steps that were done are not repeated, and a build that still runs is waited for.
 *
 * @throws when the engine is not reached, a package cannot be fetched, or the signal is aborted.
 */
export async function buildImage(name: ImageName, options: BuildOptions): Promise<string> {
  const tag = imageTag(name, options.root, options.patroniVersion);
  if (await imageExists(tag, options)) return tag;
  const base = options.baseImage ?? (await findOrMakeBase(options));
  const context = await buildContext(name, options);
  const versionArgs = options.patroniVersion
    ? ["--build-arg", `PATRONI_VERSION=${options.patroniVersion}`]
    : [];
  await runLines(
    "flock",
    [
      ...["--no-fork", "--timeout", "900", `${options.workDir}/${name}.lock`],
      ...["docker", "build", "--force-rm", "--network", "host", "--tag", tag],
      ...["--build-arg", `BASE=${base}`, ...proxyArgs(process.env), ...versionArgs, "-"],
    ],
    { ...options, inputFile: context },
  );
  return tag;
}

/** Docker knows these build arguments by itself and keeps them out of the image's history. */
function proxyArgs(environment: NodeJS.ProcessEnv): string[] {
  const names = ["http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"];
  return names.flatMap((name) => (environment[name] ? ["--build-arg", name] : []));
}
