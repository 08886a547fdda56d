import { z } from "zod";
import { parseQuantity, type Unit, unitsFor } from "./quantity.ts";

/**
 * The leaves that a specification is made of. Each says what it takes and what to do otherwise; the two sentences
 * travel in zod's one message, a line each (see `toSpecIssues`).
 */
export function say(allowed: string, remedy: string): { error: string } {
  return { error: `${allowed}\n${remedy}` };
}

/** What a field takes, in the words of its error, for the page of settings. */
function taking(allowed: string): { takes: string } {
  return { takes: allowed.replace(/^must be /, "") };
}

/** A whole number in a range. */
export function wholeNumber(min: number, max: number, remedy: string) {
  const allowed = `must be a whole number from ${min} to ${max}`;
  const wrong = say(allowed, remedy);
  return z.int(wrong).min(min, wrong).max(max, wrong).meta(taking(allowed));
}

/** One of a few whole numbers. */
export function oneNumberOf<const T extends readonly number[]>(numbers: T, remedy: string) {
  const allowed = `must be ${orList(numbers)}`;
  return z.literal(numbers, say(allowed, remedy)).meta(taking(allowed));
}

/** One of a few words. */
export function oneWordOf<const T extends readonly string[]>(words: T, remedy: string) {
  const allowed = `must be ${orList(words)}`;
  return z.enum(words, say(allowed, remedy)).meta(taking(allowed));
}

/** A text of a certain form. */
export function text(pattern: RegExp, allowed: string, remedy: string) {
  const wrong = say(allowed, remedy);
  return z.string(wrong).regex(pattern, wrong).meta(taking(allowed));
}

/** A quantity in PostgreSQL's units, such as `2GB`; the unit must be written. */
export function quantity(unit: Unit, min: string, max: string, remedy: string) {
  const least = parseQuantity(min, unit) ?? 0;
  const most = parseQuantity(max, unit) ?? 0;
  const allowed = `must be a quantity with a unit (${unitsFor(unit).join(", ")}) from ${min} to ${max}`;
  const wrong = say(allowed, remedy);
  const quantities = z.string(wrong).refine((written) => {
    const counted = /[A-Za-z]\s*$/.test(written) ? parseQuantity(written, unit) : undefined;
    return counted !== undefined && counted >= least && counted <= most;
  }, wrong);
  return quantities.meta(taking(allowed));
}

/** A mapping with these keys and no others. */
export function mapping<T extends z.core.$ZodLooseShape>(shape: T) {
  const wrong = say("must be a mapping of keys to values", `Its keys are ${Object.keys(shape).join(", ")}.`);
  return z.strictObject(shape, {
    error: ({ code }) => (code === "unrecognized_keys" ? undefined : wrong.error),
  });
}

/** Yes or no. */
export function yesOrNo(remedy: string) {
  const allowed = "must be true or false";
  return z.boolean(say(allowed, remedy)).meta(taking(allowed));
}

/** The name of an image as an engine takes it. */
export function imageName() {
  return text(
    /^[a-z0-9][a-z0-9._:/@-]*$/,
    "must be an image name such as registry.example/name:tag, in lower case",
    "Write the name as `docker pull` takes it, or remove the key for the default.",
  );
}

function orList(words: readonly (string | number)[]): string {
  return words.length === 1 ? `${words[0]}` : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}
