import fc from "fast-check";
import { expect, it } from "vitest";
import { leftBehind } from "../../cluster/running/unarchived.ts";

const seconds = fc.integer({ min: 0, max: 100_000 });
const maybe = fc.option(seconds);

it("nothing is left behind where nothing waits, whatever has failed", () => {
  fc.assert(
    fc.property(maybe, maybe, (lastSeconds, lastFailedSeconds) => {
      const archiving = { waiting: 0, oldestWaitingSeconds: null, lastSeconds, lastFailedSeconds };
      expect(leftBehind("m-1", archiving)).toBeUndefined();
    }),
  );
});

it("what waits is left behind when the last try failed, or when it has waited for long", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1000 }),
      seconds,
      maybe,
      maybe,
      (waiting, oldest, last, lastFailed) => {
        const archiving = {
          waiting,
          oldestWaitingSeconds: oldest,
          lastSeconds: last,
          lastFailedSeconds: lastFailed,
        };
        const failed = lastFailed !== null && lastFailed < (last ?? Number.POSITIVE_INFINITY);
        expect(leftBehind("m-1", archiving) !== undefined).toBe(failed || oldest > 30);
      },
    ),
  );
});
