/** How a word is meant. */
export type Tone = "good" | "bad" | "warn" | "plain";

/** Colours a text, or leaves it as it is. */
export type Paint = (tone: Tone, text: string) => string;

const codes: Readonly<Record<Exclude<Tone, "plain">, number>> = { good: 32, bad: 31, warn: 33 };

export const colourless: Paint = (_tone, text) => text;

/** For a terminal. @see https://no-color.org */
export const coloured: Paint = (tone, text) =>
  tone === "plain" ? text : `\u001b[${codes[tone]}m${text}\u001b[0m`;
