import { afterEach, expect, it } from "vitest";
import { stepsOf } from "./guides/guide.ts";
import { type Newcomer, newcomer } from "./guides/newcomer.ts";

/** What somebody types who has just got this project: the pages' own commands, in a clean checkout. */
const MINUTE = 60_000;

let person: Newcomer | undefined;

afterEach(async () => {
  await person?.dispose();
  person = undefined;
}, 5 * MINUTE);

it.each([
  ["README.md", "newcomer"],
  ["docs/guides/first-cluster.md", "first"],
])("%s does what it says", { timeout: 15 * MINUTE }, async (page, stack) => {
  person = await newcomer({ stack });
  expect(await person.follow(stepsOf(page))).toEqual([]);
});
