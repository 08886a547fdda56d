/** A row by who wrote it and the number that it was given: each number is used once. */
export interface Numbered {
  readonly writer: string;
  readonly seq: number;
}

/** A commit that a client was told of. */
export interface Acknowledged extends Numbered {
  /** As the statement itself saw it. */
  readonly timeline: number;
  /** Address of the server that committed it. */
  readonly server: string;
  /** When the client was told: milliseconds of one clock for all writers. */
  readonly at: number;
}

/** What is there in the end. */
export interface StoredRow extends Numbered {
  readonly copies: number;
}

/** One server on one timeline, for as long as clients were told of commits by it. */
export interface Reign {
  readonly server: string;
  readonly timeline: number;
  readonly from: number;
  readonly to: number;
}

/** Two reigns at the same time: two servers have told clients that they lead. */
export interface Overlap {
  readonly earlier: Reign;
  readonly later: Reign;
  readonly milliseconds: number;
}

/** What a run has shown. Nothing in any of the lists is what must hold. */
export interface Verdict {
  readonly acknowledged: number;
  /** Acknowledged, and not there. */
  readonly lost: readonly Numbered[];
  /** There more than once. */
  readonly duplicated: readonly StoredRow[];
  readonly overlaps: readonly Overlap[];
}

/**
 * Compares what clients were told with what is there. A row that nobody was told of may be there or not: its writer
 * lost the connection before the answer came.
 */
export function check(acknowledged: readonly Acknowledged[], stored: readonly StoredRow[]): Verdict {
  const present = new Set(stored.map(keyOf));
  return {
    acknowledged: acknowledged.length,
    lost: acknowledged.filter((row) => !present.has(keyOf(row))).map(({ writer, seq }) => ({ writer, seq })),
    duplicated: stored.filter(({ copies }) => copies > 1),
    overlaps: overlapsOf(reignsOf(acknowledged)),
  };
}

/** In the order in which they began. */
export function reignsOf(acknowledged: readonly Acknowledged[]): readonly Reign[] {
  const reigns = new Map<string, Reign>();
  for (const { server, timeline, at } of acknowledged) {
    const key = `${server} ${timeline}`;
    const known = reigns.get(key) ?? { server, timeline, from: at, to: at };
    reigns.set(key, { ...known, from: Math.min(known.from, at), to: Math.max(known.to, at) });
  }
  return [...reigns.values()].sort((left, right) => left.from - right.from);
}

/** A moment that two of them share is an overlap as well: nobody can say which of them came first. */
function overlapsOf(reigns: readonly Reign[]): readonly Overlap[] {
  return reigns.flatMap((earlier, index) =>
    reigns
      .slice(index + 1)
      .filter((later) => later.from <= earlier.to)
      .map((later) => ({
        earlier,
        later,
        milliseconds: Math.min(earlier.to, later.to) - later.from,
      })),
  );
}

function keyOf({ writer, seq }: Numbered): string {
  return `${writer} ${seq}`;
}

/** `4210 rows acknowledged, 0 lost, 0 duplicated, 0 overlaps`, and the first of each that must not be. */
export function describeVerdict({ acknowledged, lost, duplicated, overlaps }: Verdict): string {
  const counts = [
    `${acknowledged} rows acknowledged`,
    `${lost.length} lost${examples(lost.map(nameOf))}`,
    `${duplicated.length} duplicated${examples(duplicated.map(nameOf))}`,
    `${overlaps.length} overlaps${examples(overlaps.map(describeOverlap))}`,
  ];
  return counts.join(", ");
}

function nameOf({ writer, seq }: Numbered): string {
  return `${writer} ${seq}`;
}

function describeOverlap({ earlier, later, milliseconds }: Overlap): string {
  const who = ({ server, timeline }: Reign) => `${server} on timeline ${timeline}`;
  return `${who(earlier)} and ${who(later)} for ${milliseconds.toFixed(0)} ms`;
}

function examples(all: readonly string[]): string {
  if (all.length === 0) return "";
  return ` (${all.slice(0, 3).join("; ")}${all.length > 3 ? "; …" : ""})`;
}
