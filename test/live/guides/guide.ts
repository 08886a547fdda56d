import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../../toolchain/paths.ts";

/** Commands of a page that are typed one after the other, and what the page shows of what they print. */
export interface Step {
  readonly commands: string;
  /** Lines of the page; figures are those of another run. */
  readonly shown: readonly string[];
}

/** What stands in a page, from the project's folder, as `sh`, each with the `text` that follows it. */
export function stepsOf(page: string): readonly Step[] {
  const text = readFileSync(join(root, page), "utf8");
  const blocks = [...text.matchAll(/^( *)```(sh|text)\n([\s\S]*?)^\1```$/gm)];
  return blocks.flatMap(([, indent = "", kind, content = ""], index) => {
    if (kind !== "sh") return [];
    const lines = content.split("\n").map((line) => line.slice(indent.length));
    const next = blocks[index + 1];
    const shown =
      next?.[2] === "text" ? (next[3] ?? "").split("\n").filter((line) => line.trim() !== "") : [];
    return [{ commands: lines.join("\n").trim(), shown }];
  });
}

/**
 * Of what a page shows, the lines that were not printed. Figures, times and how wide a column is differ from run to run, so these count
 * as equal; `…` stands for whatever was left out.
 */
export function notPrinted(shown: readonly string[], printed: string): readonly string[] {
  const lines = printed.split("\n").map(withoutFigures);
  return shown.filter((line) => {
    const parts = withoutFigures(line)
      .split("…")
      .map((part) => literally(part.trim()));
    const wanted = new RegExp(`^${parts.join(".*")}$`);
    return !lines.some((one) => wanted.test(one));
  });
}

function withoutFigures(line: string): string {
  return (
    line
      .replace(/\s+/g, " ")
      .replace(/[0-9](?:[0-9A-F.:/TZ-]*[0-9A-FZ])?/g, "#")
      // Which standby has just been taken into the quorum is Patroni's to say, once every few seconds.
      .replace(/\b(quorum|replica) streaming\b/, "standby streaming")
      .trim()
      // What took no time shows none.
      .replace(/ # s$/, "")
  );
}

function literally(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}
