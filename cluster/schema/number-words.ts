const words = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"] as const;

/** A small number as a sentence has it: `three`. */
export function inWords(number: number): string {
  return words[number] ?? String(number);
}
