import { existsSync } from "node:fs";
import { execa } from "execa";
import { Failure } from "./failure.ts";
import type { Report } from "./progress.ts";

/**
 * Installs Debian packages.
 *
 * @throws Failure that says what to install by hand, when this is not root on Debian or Ubuntu.
 */
export async function installPackages(
  names: readonly string[],
  purpose: string,
  report: Report,
): Promise<void> {
  if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) {
    throw new Failure(
      `${names.join(", ")}: not on this machine`,
      `${purpose}, and only root on Debian or Ubuntu can install it from here.`,
      `Install it (apt-get install ${names.join(" ")}), or run this as root once.`,
    );
  }
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  report("apt-get update");
  await execa("apt-get", ["update", "-qq"], { env });
  report(`apt-get install ${names.join(" ")}`);
  await execa("apt-get", ["install", "-y", "-qq", "--no-install-recommends", ...names], { env });
}

/** Installs the package of a program that this machine does not have. @throws Failure as `installPackages` does */
export async function ensureProgram(program: string, packageName: string, purpose: string): Promise<void> {
  const { exitCode } = await execa("which", [program], { reject: false });
  if (exitCode !== 0) await installPackages([packageName], purpose, () => undefined);
}
