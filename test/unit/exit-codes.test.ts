import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { exitCodes, exitCodeTable } from "../../cluster/running/exit-codes.ts";

it("every exit code has a meaning, in the order of the numbers", () => {
  const codes = exitCodeTable.map(({ code }) => code);
  expect(codes).toEqual(Object.values(exitCodes).toSorted((a, b) => a - b));
});

it("the manual has the same table", async () => {
  const page = await readFile(new URL("../../docs/actions.md", import.meta.url), "utf8");
  const rows = page.split("\n").filter((line) => /^\| \d+ \|/.test(line));
  expect(rows).toEqual(exitCodeTable.map(({ code, meaning }) => `| ${code} | ${meaning} |`));
});
