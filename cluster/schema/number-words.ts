const words: readonly string[] = [
  "no",
  "one",
  "two",
  "three",
  "four",
  "five",
  "six",
  "seven",
  "eight",
  "nine",
];

/** A small number as a sentence has it: `three`. */
export function inWords(number: number): string {
  return words[number] ?? String(number);
}

/** The number of such a word; 0 when it is none. */
export function numberOf(word: string): number {
  return Math.max(0, words.indexOf(word));
}
