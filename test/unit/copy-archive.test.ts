import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, it } from "vitest";
import { root } from "../../toolchain/paths.ts";

it("a second bucket gets what the first one has, and keeps it by its own age", () => {
  const { stderr, status } = spawnSync("python3", [join(root, "test", "unit", "copy_archive.py")], {
    encoding: "utf8",
  });
  expect(stderr).toMatch(/Ran [1-9]\d* tests in [\s\S]*\nOK$/m);
  expect(status).toBe(0);
});
