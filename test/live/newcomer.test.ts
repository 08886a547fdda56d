import { afterEach, expect, it } from "vitest";
import { stepsOf } from "./guides/guide.ts";
import { type Newcomer, newcomer } from "./guides/newcomer.ts";

/** What somebody types who has just got this project: the README's own commands, in a clean checkout. */
const MINUTE = 60_000;

let person: Newcomer | undefined;

afterEach(() => person?.dispose(), 5 * MINUTE);

it("README.md does what it says", { timeout: 15 * MINUTE }, async () => {
  person = await newcomer({ stack: "newcomer" });
  expect(await person.follow(stepsOf("README.md"))).toEqual([]);
});
