import { join } from "node:path";
import { execa } from "execa";
import { expect, it } from "vitest";
import { root } from "../../toolchain/paths.ts";

function start(takesMs: number) {
  const child = join(root, "test", "toolchain", "interrupted-child.ts");
  return execa(process.execPath, ["--import", "tsx", child, String(takesMs)], { cwd: root, reject: false });
}

it.each(["SIGINT", "SIGTERM"] as const)(
  "ends by %s when all is taken away, and not before",
  async (signal) => {
    const child = start(300);
    const said: string[] = [];
    for await (const line of child.iterable()) {
      said.push(line);
      if (line === "works") child.kill(signal);
    }
    expect(said).toEqual(["works", `interrupted by ${signal}: the cluster is taken away`, "taken away"]);
    expect((await child).signal).toBe(signal);
  },
);

it("ends at once by a second one", async () => {
  const child = start(60_000);
  const said: string[] = [];
  for await (const line of child.iterable()) {
    said.push(line);
    child.kill("SIGINT");
  }
  expect(said).toEqual(["works", "interrupted by SIGINT: the cluster is taken away"]);
  expect((await child).signal).toBe("SIGINT");
});
