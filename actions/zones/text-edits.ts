/** A stretch of a text and what comes in its place. */
export interface TextEdit {
  /** Offsets of its first character, and of the one behind its last. */
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** A line of a text before and after it was edited. */
export interface LineChange {
  /** Its number before, from 1 on. */
  readonly line: number;
  readonly before: string;
  /** Several when lines were added behind it. */
  readonly after: readonly string[];
}

/** @param edits in any order; none touches another. */
export function withEdits(text: string, edits: readonly TextEdit[]): string {
  return edits
    .toSorted((left, right) => right.from - left.from)
    .reduce((done, { from, to, text: put }) => done.slice(0, from) + put + done.slice(to), text);
}

/** The lines that edits change, in order. Each edit lies within one line, its end included. */
export function changedLines(text: string, edits: readonly TextEdit[]): readonly LineChange[] {
  const starts = new Set(edits.map(({ from }) => text.lastIndexOf("\n", from - 1) + 1));
  return [...starts]
    .toSorted((left, right) => left - right)
    .map((start) => {
      const next = text.indexOf("\n", start);
      const end = next < 0 ? text.length : next;
      const own = edits.filter(({ from }) => from >= start && from <= end);
      const moved = own.map((edit) => ({ ...edit, from: edit.from - start, to: edit.to - start }));
      const before = text.slice(start, end);
      const line = text.slice(0, start).split("\n").length;
      return { line, before, after: withEdits(before, moved).split("\n") };
    });
}
