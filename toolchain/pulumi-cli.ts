import { existsSync } from "node:fs";
import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { automation } from "@pulumi/pulumi";
import { execa } from "execa";
import { answers } from "./answers.ts";
import { makeAtomically } from "./atomic.ts";
import { Failure } from "./failure.ts";
import { ensureGo } from "./go.ts";
import { local, root, tools } from "./paths.ts";
import type { Report } from "./progress.ts";

/** The CLI version that is downloaded or built; its module is in `toolchain/pulumi/go.mod`. */
const VERSION = "3.256.0";

/** From this version on an after-hook that fails stops the update, on which the rolling update relies. */
const OLDEST = [3, 238] as const;

export interface PulumiCli {
  readonly how: string;
  /** The folder to put first on PATH; absent when the CLI is on the user's PATH already. */
  readonly bin?: string;
}

/** The Pulumi CLI: on PATH, else downloaded the official way, else built from its Go module. */
export async function ensurePulumi(report: Report): Promise<PulumiCli> {
  const onPath = await versionOf("pulumi");
  if (onPath !== undefined && isNewEnough(onPath) && (await hasLanguageHost()))
    return { how: `${onPath} on PATH` };
  const official = join(tools, "official");
  if (existsSync(join(official, "bin", "pulumi")))
    return { how: `${VERSION} downloaded earlier`, bin: join(official, "bin") };
  const built = join(tools, `pulumi-${VERSION}`);
  const builtBin = join(built, "bin");
  if (existsSync(join(builtBin, "pulumi")))
    return { how: `${VERSION} built earlier (no download from here)`, bin: builtBin };
  if (await answers("https://get.pulumi.com/latest-version", (status) => status === 200)) {
    report("downloading");
    await makeAtomically(official, join(local, "tmp"), async (path) => {
      await automation.PulumiCommand.install({ root: path });
    });
    return { how: `${VERSION} downloaded`, bin: join(official, "bin") };
  }
  await makeAtomically(built, join(local, "tmp"), (path) => build(join(path, "bin"), report));
  return { how: `${VERSION} built from its module (no download from here)`, bin: builtBin };
}

/** Builds the CLI and lays our language host beside it, where the CLI looks first. */
async function build(directory: string, report: Report): Promise<void> {
  await ensureGo("the Pulumi CLI");
  await mkdir(directory, { recursive: true });
  const variable = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version";
  report("building (some minutes the first time)");
  await execa(
    "go",
    [
      "build",
      "-mod=readonly",
      "-o",
      join(directory, "pulumi"),
      "-ldflags",
      `-X ${variable}=v${VERSION}`,
      "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
    ],
    { cwd: join(root, "toolchain", "pulumi"), env: { GOTOOLCHAIN: "auto" } },
  ).catch((error: Error) => {
    throw new Failure(
      "pulumi: could not be built from its Go module",
      error.message.split("\n").slice(-3).join(" "),
      "Install the Pulumi CLI yourself and put it on PATH, or mend what the line above says; nothing is left half-built.",
      { cause: error },
    );
  });
  await symlink(
    join(root, "toolchain", "language-host", "pulumi-language-nodejs"),
    join(directory, "pulumi-language-nodejs"),
  );
}

async function versionOf(command: string): Promise<string | undefined> {
  const result = await execa(command, ["version"], {
    reject: false,
    env: { PULUMI_SKIP_UPDATE_CHECK: "true" },
  });
  return result.exitCode === 0 ? result.stdout.trim().replace(/^v/, "") : undefined;
}

/** Some packages bring the CLI alone. */
async function hasLanguageHost(): Promise<boolean> {
  return (await execa("sh", ["-c", "command -v pulumi-language-nodejs"], { reject: false })).exitCode === 0;
}

function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
}
