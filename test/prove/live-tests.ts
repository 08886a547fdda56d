import { stripVTControlCharacters } from "node:util";
import { vitest } from "../../toolchain/test-runs.ts";

/**
 * A file of test/live with a cluster of its own, which takes too long for every run. It is run whole each time.
 *
 * @param file its name without the ending.
 */
export function liveTests(file: string): () => Promise<readonly string[]> {
  return async () => {
    const { passed, failed, failures, output } = await vitest("live", { name: file, only: [file] });
    if (failed > 0) process.exitCode = 1;
    const lines = stripVTControlCharacters(output)
      .split("\n")
      .filter((line) => /[✓×]/u.test(line));
    return [...lines.map((line) => line.trim()), ...failures, `${passed} passed, ${failed} failed`];
  };
}
