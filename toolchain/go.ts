import { execa } from "execa";
import { Failure } from "./failure.ts";

/** Go 1.21 is the first that fetches the newer toolchain a module asks for. */
const OLDEST_MINOR = 21;

/** Makes sure of a Go that can build our tools. Throws a {@link Failure} that says what to install. */
export async function ensureGo(purpose: string): Promise<void> {
  const result = await execa("go", ["env", "GOVERSION"], { reject: false });
  const version = result.exitCode === 0 ? result.stdout.trim() : undefined;
  const minor = Number(/^go1\.(\d+)/.exec(version ?? "")?.[1] ?? 0);
  if (minor >= OLDEST_MINOR) return;
  throw new Failure(
    version === undefined ? "go: not found on PATH" : `go: version ${version}`,
    `${purpose} cannot be downloaded from here and is built instead, which takes Go 1.${OLDEST_MINOR} or newer.`,
    "Install a newer Go (Debian 13: apt-get install golang; Debian 12: golang-1.22 or newer from backports, or from go.dev) and put it first on PATH.",
  );
}
