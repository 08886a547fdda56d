import ora from "ora";

/** Called with what a step is doing now; shown only on a terminal. */
export type Report = (detail: string) => void;

/**
 * Runs one step and prints one line for it: what, how it came about, how long it took.
 *
 * On a terminal the line lives while the step runs; in a log there is nothing but the finished line.
 * A step that took under 0.2 s prints no time: it had nothing to do.
 */
export async function step<T extends { readonly how: string }>(
  what: string,
  work: (report: Report) => Promise<T>,
): Promise<T> {
  const started = performance.now();
  const spinner = process.stderr.isTTY
    ? ora({ text: what, indent: 2, discardStdin: false }).start()
    : undefined;
  const report: Report = (detail) => {
    if (spinner) spinner.text = `${what.padEnd(22)} ${oneLine(detail)}`;
  };
  try {
    const result = await work(report);
    finish("✔", line(what, result.how, performance.now() - started));
    return result;
  } catch (error) {
    finish("✖", what);
    throw error;
  }

  function finish(mark: "✔" | "✖", text: string): void {
    if (spinner) spinner.stopAndPersist({ symbol: mark, text });
    else process.stderr.write(`  ${mark} ${text}\n`);
  }
}

/** A span of time as a person reads it: `12.1 s`, `2 m 41 s`. */
function duration(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 100) return `${seconds.toFixed(1)} s`;
  return `${Math.floor(seconds / 60)} m ${Math.round(seconds % 60)} s`;
}

function line(what: string, how: string, milliseconds: number): string {
  const time = milliseconds < 200 ? "" : duration(milliseconds);
  return `${what.padEnd(22)} ${how.padEnd(60)} ${time}`.trimEnd();
}

function oneLine(text: string): string {
  const width = (process.stderr.columns ?? 100) - 30;
  return text.replaceAll(/\s+/g, " ").slice(0, width);
}
