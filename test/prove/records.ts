import { appendFile, mkdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { root } from "../../toolchain/paths.ts";

/** One thing that was measured: a line of JSON in a file that is kept with the project. */
export interface Measured {
  /** Which of the things that are compared. */
  readonly kind: string;
  readonly round: number;
  /** The longest time in which no commit was acknowledged, milliseconds. */
  readonly gapMs: number;
  /** Acknowledged rows that were not there afterwards. */
  readonly missing: number;
  readonly [detail: string]: string | number | undefined;
}

/** What earlier runs have measured, and a place for what this one does: a proof goes on where it stopped. */
export interface Records {
  readonly of: (kind: string) => readonly Measured[];
  add(measured: Measured): Promise<void>;
}

/** @param name of the file below docs/measured, without its ending. */
export async function recordsIn(name: string): Promise<Records> {
  const file = join(root, "docs", "measured", `${name}.jsonl`);
  await mkdir(dirname(file), { recursive: true });
  const text = await readFile(file, "utf8").catch(() => "");
  const all: Measured[] = text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
  return {
    of: (kind) => all.filter((one) => one.kind === kind),
    add: async (measured) => {
      all.push(measured);
      await appendFile(file, `${JSON.stringify(measured)}\n`);
      console.log(JSON.stringify(measured));
    },
  };
}

/** A line for each kind of which anything was measured. */
export function summaries(kinds: readonly string[], records: Records): readonly string[] {
  return kinds.flatMap((kind) => {
    const measured = records.of(kind);
    return measured.length === 0 ? [] : [summary(kind, measured)];
  });
}

/** `fast, network cut: median 19.20 s, worst 21.40 s of 3, 0 missing`. */
function summary(kind: string, measured: readonly Measured[]): string {
  const gaps = measured.map(({ gapMs }) => gapMs).sort((left, right) => left - right);
  const missing = measured.reduce((sum, one) => sum + one.missing, 0);
  const [middle, worst] = [gaps[Math.floor((gaps.length - 1) / 2)] ?? Number.NaN, gaps.at(-1) ?? Number.NaN];
  return `${kind}: median ${seconds(middle)}, worst ${seconds(worst)} of ${gaps.length}, ${missing} missing`;
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(2)} s`;
}
