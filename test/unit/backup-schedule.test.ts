import { describe, expect, it } from "vitest";
import { longestPause } from "../../cluster/upkeep/backup-schedule.ts";

const HOUR = 60;
const DAY = 24 * HOUR;

describe("the longest time between two base backups", () => {
  it.each([
    ["0 1 * * *", DAY],
    ["30 */6 * * *", 6 * HOUR],
    // From six in the evening to six in the morning.
    ["0 6-18/6 * * *", 12 * HOUR],
    ["*/30 * * * *", 30],
    ["5,20 1 * * *", DAY - 15],
    ["0 1 * * 0", 7 * DAY],
    ["0 1 * * 7", 7 * DAY],
    ["0 1 * * 1-5", 3 * DAY],
    // The first of a month, or a Monday: whichever comes first.
    ["0 1 1 * 1", 7 * DAY],
    ["0 1 1 * *", 31 * DAY],
    ["0 1 31 * *", 61 * DAY],
    ["0 1 1 1 *", 366 * DAY],
    ["10/20 3 * * *", DAY - 40],
  ])("of %s is %d minutes", (schedule, minutes) => {
    expect(longestPause(schedule)).toBe(minutes);
  });

  it.each(["0 1 30 2 *", "0 1 29 2 *", "0 30 * * *", "0 1 * *"])("of %s is not known", (schedule) => {
    expect(longestPause(schedule)).toBeUndefined();
  });
});
