import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { type ImageName, imageTag } from "../../images/build.ts";

const root = join(import.meta.dirname, "../..");

/** A container that does one thing and is gone. */
export interface Run {
  readonly image: ImageName;
  /** What is done, by bash. */
  readonly script: string;
  /** Files by their path in the container. */
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  /** @default none */
  readonly network?: string;
  /** Further arguments of `docker run`. */
  readonly options?: readonly string[];
}

/** What came of it. */
export interface Outcome {
  readonly exitCode: number | undefined;
  /** Both streams, in the order in which they were written. */
  readonly output: string;
}

/**
 * Runs a script in one of our images, or in the one that PULUMI_SPILO_IMAGE_SPILO, _ETCD or _PROXY names. Nothing of
 * it stays, whatever happens.
 */
export async function runIn({
  image,
  script,
  files = {},
  env = {},
  network = "none",
  options = [],
}: Run): Promise<Outcome> {
  const name = uniqueName();
  const folder = await mkdtemp(join(tmpdir(), `${name}-`));
  try {
    const mounts = await Promise.all(
      Object.entries(files).map(async ([path, content], index) => {
        const file = join(folder, String(index));
        await writeFile(file, content, { mode: 0o644 });
        return ["--volume", `${file}:${path}:ro`];
      }),
    );
    const variables = Object.keys(env).flatMap((variable) => ["--env", variable]);
    const { exitCode, all } = await execa(
      "docker",
      [
        ...["run", "--rm", "--interactive", "--name", name, "--entrypoint", "bash"],
        ...["--network", network, ...mounts.flat(), ...variables, ...options],
        ...[imageFor(image), "-s"],
      ],
      { input: script, env, all: true, reject: false, timeout: 60_000 },
    );
    return { exitCode, output: all };
  } finally {
    await execa("docker", ["rm", "--force", "--volumes", name], { reject: false });
    await rm(folder, { recursive: true, force: true });
  }
}

/** A name that no other container, network or cluster has. */
export function uniqueName(): string {
  return `render-${randomBytes(4).toString("hex")}`;
}

function imageFor(name: ImageName): string {
  return process.env[`PULUMI_SPILO_IMAGE_${name.toUpperCase()}`] ?? imageTag(name, root);
}
