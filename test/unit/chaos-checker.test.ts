import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Acknowledged, check, describeVerdict, reignsOf } from "../live/chaos/checker.ts";

const told = (seq: number, at: number, change: Partial<Acknowledged> = {}): Acknowledged => {
  return { writer: "a", seq, at, timeline: 1, server: "10.0.0.11", ...change };
};
const stored = (seq: number, copies = 1, writer = "a") => ({ writer, seq, copies });
const second = { timeline: 2, server: "10.0.0.12" } as const;

describe("a row", () => {
  it("is lost when a client was told of it and it is not there", () => {
    expect(check([told(1, 10), told(2, 20)], [stored(1)])).toEqual({
      acknowledged: 2,
      lost: [{ writer: "a", seq: 2 }],
      duplicated: [],
      overlaps: [],
    });
  });

  it("of another writer with the same number is another row", () => {
    expect(check([told(1, 10)], [stored(1, 1, "b")]).lost).toEqual([{ writer: "a", seq: 1 }]);
  });

  it("that nobody was told of may be there", () => {
    const verdict = check([told(1, 10)], [stored(1), stored(2)]);
    expect([verdict.lost, verdict.duplicated]).toEqual([[], []]);
  });

  it("is duplicated when it is there twice, whether anybody was told of it or not", () => {
    const twice = [stored(1, 2), stored(9, 3)];
    expect(check([told(1, 10)], twice).duplicated).toEqual(twice);
  });
});

describe("two servers", () => {
  it("overlap when one acknowledges after the other has begun to, however early that one ends", () => {
    const all = [told(1, 10), told(2, 90), told(3, 50, second), told(4, 60, second)];
    const { overlaps } = check(all, []);
    expect(overlaps).toEqual([
      {
        earlier: { timeline: 1, server: "10.0.0.11", from: 10, to: 90 },
        later: { ...second, from: 50, to: 60 },
        milliseconds: 10,
      },
    ]);
  });

  it("overlap on one timeline as well", () => {
    const all = [told(1, 10), told(2, 90), told(3, 50, { server: "10.0.0.12" })];
    expect(check(all, []).overlaps).toHaveLength(1);
  });

  it("overlap in the one moment that they share", () => {
    expect(check([told(1, 10), told(2, 20), told(3, 20, second)], []).overlaps).toHaveLength(1);
  });

  it("do not overlap when one ends before the other begins, nor when the first leads again", () => {
    const again = { timeline: 3, server: "10.0.0.11" };
    const all = [told(1, 10), told(2, 20), told(3, 30, second), told(4, 40, again)];
    expect(check(all, []).overlaps).toEqual([]);
    expect(reignsOf(all).map(({ timeline }) => timeline)).toEqual([1, 2, 3]);
  });
});

/** Leaders one after the other, each with some commits, at times that grow. */
const history = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 6 }).map((reigns) => {
  const all = reigns.flatMap((commits, index) =>
    Array.from({ length: commits }, () => ({ timeline: index + 1, server: `10.0.0.${11 + (index % 3)}` })),
  );
  return all.map((who, index) => told(index + 1, (index + 1) * 10, who));
});

it("finds nothing in any history of one leader after the other of which all is there, in any order", () => {
  const shuffledHistory = history.chain((all) =>
    fc.shuffledSubarray(all, { minLength: all.length }).map((shuffled) => ({ all, shuffled })),
  );
  fc.assert(
    fc.property(shuffledHistory, ({ all, shuffled }) => {
      const rows = all.map(({ seq }) => stored(seq));
      const nothing = { acknowledged: all.length, lost: [], duplicated: [], overlaps: [] };
      expect(check(shuffled, rows)).toEqual(nothing);
    }),
  );
});

it("finds whatever row is taken out of any history", () => {
  fc.assert(
    fc.property(history, fc.nat(), (all, number) => {
      const gone = all[number % all.length];
      const rows = all.filter((row) => row !== gone).map(({ seq }) => stored(seq));
      expect(check(all, rows).lost).toEqual([{ writer: "a", seq: gone?.seq }]);
    }),
  );
});

it("says what it found, and the first of what must not be", () => {
  const rows = [stored(9, 2)];
  const all = [1, 2, 3, 4].map((seq) => told(seq, seq));
  expect(describeVerdict(check(all, rows))).toBe(
    "4 rows acknowledged, 4 lost (a 1; a 2; a 3; …), 1 duplicated (a 9), 0 overlaps",
  );
  expect(describeVerdict(check([told(1, 1), told(2, 300), told(3, 100, second)], [stored(1)]))).toMatch(
    /1 overlaps \(10\.0\.0\.11 on timeline 1 and 10\.0\.0\.12 on timeline 2 for 0 ms\)$/,
  );
});
