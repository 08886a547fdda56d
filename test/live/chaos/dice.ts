import { createHash } from "node:crypto";

/** Chance that can be repeated: the same seed gives the same draws in the same order. */
export interface Dice {
  /** From 0 up to, and not including, 1. */
  fraction(): number;
  /** A whole number, both ends included. */
  between(least: number, most: number): number;
  /** The same items in an order by chance. */
  shuffled<T>(items: readonly T[]): readonly T[];
}

export function dice(seed: number): Dice {
  let drawn = 0;
  const fraction = () => {
    drawn += 1;
    const digest = createHash("sha256").update(`${seed}/${drawn}`).digest();
    return digest.readUInt32BE() / 2 ** 32;
  };
  return {
    fraction,
    between: (least, most) => least + Math.floor(fraction() * (most - least + 1)),
    shuffled: (items) => {
      const drawn = items.map((item) => ({ item, at: fraction() }));
      return drawn.toSorted((left, right) => left.at - right.at).map(({ item }) => item);
    },
  };
}
