import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { execa } from "execa";
import { type BuildOptions, buildImage, type ImageName } from "../../images/build.ts";

/** The project's root folder. */
export const root = join(import.meta.dirname, "..", "..");

/** Builds an image if it is not there, and gives its tag. */
export function ready(name: ImageName, options: Partial<BuildOptions> = {}): Promise<string> {
  return buildImage(name, { root, workDir: join(root, ".local", "tmp", "images"), ...options });
}

/** Runs docker and gives what it printed. Throws with its message when it fails. */
export async function docker(args: readonly string[], input?: string): Promise<string> {
  const { stdout } = await execa("docker", args, input === undefined ? {} : { input });
  return stdout;
}

/** A network of its own, and the containers of one test file on it. */
export interface Stage {
  /** A part's container and host name. */
  nameOf(part: string): string;
  /** Starts a container and gives its address. `options` go to `docker run` before the image. */
  start(
    part: string,
    image: string,
    options?: readonly string[],
    command?: readonly string[],
  ): Promise<string>;
  /** Runs a command in a container as PostgreSQL's user, with text on its standard input. */
  exec(part: string, command: readonly string[], input?: string): Promise<string>;
  /** Removes everything, whatever has happened before. */
  remove(): Promise<void>;
}

/** Makes a network for one test file. */
export async function makeStage(topic: string): Promise<Stage> {
  const prefix = `psimg-${topic}-${randomBytes(3).toString("hex")}`;
  await docker(["network", "create", prefix]);
  const started: string[] = [];
  const nameOf = (part: string) => `${prefix}-${part}`;
  return {
    nameOf,
    async start(part, image, options = [], command = []) {
      const name = nameOf(part);
      started.push(name);
      const identity = ["--name", name, "--hostname", name, "--network", prefix];
      await docker(["run", "--detach", ...identity, ...options, image, ...command]);
      return docker([
        "inspect",
        "--format",
        "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}",
        name,
      ]);
    },
    exec: (part, command, input = "") =>
      docker(["exec", "--interactive", "--user", "postgres", nameOf(part), ...command], input),
    async remove() {
      if (started.length > 0)
        await execa("docker", ["rm", "--force", "--volumes", ...started], { reject: false });
      await docker(["network", "rm", prefix]);
    },
  };
}

/** Variables as options of `docker run`. */
export function environment(variables: Readonly<Record<string, string>>): string[] {
  return Object.entries(variables).flatMap(([name, value]) => ["--env", `${name}=${value}`]);
}

/** Asks again until there is an answer that is not undefined. Throws what was waited for when the time is up. */
export async function eventually<T>(
  what: string,
  deadlineMs: number,
  ask: () => Promise<T | undefined>,
): Promise<T> {
  const end = Date.now() + deadlineMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > end) throw new Error(`not within ${deadlineMs / 1000} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
