/** The guides, each typed command by command in a clean checkout: one that has been followed to its end is not typed again. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../toolchain/paths.ts";
import { vitest } from "../../toolchain/test-runs.ts";
import { recordsIn } from "./records.ts";

const pages = readdirSync(join(root, "docs/guides")).map((file) => file.replace(/\.md$/, ""));

export async function proveGuides(isTimeLeft: () => boolean): Promise<readonly string[]> {
  const records = await recordsIn("guides");
  const wrong: string[] = [];
  for (const page of pages) {
    if (records.of(page).length > 0 || !isTimeLeft()) continue;
    const began = Date.now();
    const args = ["--testNamePattern", `guides/${page}`];
    const { passed, failures } = await vitest("live", { name: "guides", only: ["guides"], args });
    wrong.push(...failures);
    if (passed === 1)
      await records.add({ kind: page, round: 1, gapMs: 0, missing: 0, tookMs: Date.now() - began });
  }
  if (wrong.length > 0) throw new Error(`not as the pages say:\n${wrong.join("\n")}`);
  return pages.map((page) => {
    const [took] = records.of(page).map(({ tookMs }) => Number(tookMs) / 60_000);
    return `${page}: ${took === undefined ? "not followed yet" : `followed to its end in ${took.toFixed(1)} min`}`;
  });
}
