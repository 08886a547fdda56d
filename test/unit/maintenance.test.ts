import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { MaintenanceTimes } from "../../cluster/plan-types.ts";
import {
  daysOfWeek,
  fitsInto,
  isOpen,
  standardStart,
  windowAfter,
  windowAt,
} from "../../cluster/upkeep/maintenance.ts";
import { instantOf, isTimeZone, shownAt, timeZones } from "../../cluster/upkeep/wall-clock.ts";
import { clusterName, refusalOf, specification } from "./specifications.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

function times(change: Partial<MaintenanceTimes> = {}): MaintenanceTimes {
  return { start: "02:30", minutes: 60, timeZone: "UTC", ...change };
}

/** `2026-03-29T01:30 to 2026-03-29T02:30`, in UTC. */
function written({ start, end }: ReturnType<typeof windowAt>): string {
  return [start, end].map((at) => at.toISOString().slice(0, 16)).join(" to ");
}

const instant = fc
  .integer({ min: Date.UTC(2025, 0, 1), max: Date.UTC(2031, 0, 1) })
  .map((milliseconds) => new Date(milliseconds));

const zone = fc.constantFrom(
  "UTC",
  "Europe/Berlin",
  "America/New_York",
  "America/St_Johns",
  "Asia/Kathmandu",
  "Australia/Lord_Howe",
  "Pacific/Apia",
  "Pacific/Kiritimati",
  "Africa/Casablanca",
);

const anyTimes: fc.Arbitrary<MaintenanceTimes> = fc.record(
  {
    day: fc.constantFrom(...daysOfWeek),
    start: fc.integer({ min: 0, max: 24 * 60 - 1 }).map((minute) => {
      return [Math.floor(minute / 60), minute % 60].map((part) => String(part).padStart(2, "0")).join(":");
    }),
    minutes: fc.integer({ min: 30, max: 1440 }),
    timeZone: zone,
  },
  { requiredKeys: ["start", "minutes", "timeZone"] },
);

describe("the window", () => {
  it.each([
    ["of today, before it", times(), "2026-06-10T01:00Z", "2026-06-10T02:30 to 2026-06-10T03:30"],
    ["that is open", times(), "2026-06-10T03:29Z", "2026-06-10T02:30 to 2026-06-10T03:30"],
    ["of tomorrow, at its end", times(), "2026-06-10T03:30Z", "2026-06-11T02:30 to 2026-06-11T03:30"],
    [
      "of yesterday, past midnight",
      times({ start: "23:45" }),
      "2026-06-10T00:10Z",
      "2026-06-09T23:45 to 2026-06-10T00:45",
    ],
    [
      "of one day of the week",
      times({ day: "sunday" }),
      "2026-06-10T12:00Z",
      "2026-06-14T02:30 to 2026-06-14T03:30",
    ],
    [
      "of a day that is another one in UTC",
      times({ day: "sunday", start: "00:30", timeZone: "Pacific/Auckland" }),
      "2026-06-10T12:00Z",
      "2026-06-13T12:30 to 2026-06-13T13:30",
    ],
    [
      "in summer",
      times({ timeZone: "Europe/Berlin" }),
      "2026-07-01T00:00Z",
      "2026-07-01T00:30 to 2026-07-01T01:30",
    ],
    [
      "in winter",
      times({ timeZone: "Europe/Berlin" }),
      "2026-01-01T00:00Z",
      "2026-01-01T01:30 to 2026-01-01T02:30",
    ],
    [
      "in the hour that the clocks leave out, which is after the change",
      times({ timeZone: "Europe/Berlin" }),
      "2026-03-29T00:00Z",
      "2026-03-29T01:30 to 2026-03-29T02:30",
    ],
    [
      "in the hour that the clocks show twice, which is the first of them",
      times({ timeZone: "Europe/Berlin" }),
      "2026-10-25T00:00Z",
      "2026-10-25T00:30 to 2026-10-25T01:30",
    ],
    [
      "that goes over a change, and is no longer for it",
      times({ start: "01:30", minutes: 120, timeZone: "Europe/Berlin" }),
      "2026-03-29T00:00Z",
      "2026-03-29T00:30 to 2026-03-29T02:30",
    ],
  ])("%s", (_title, declared, now, expected) => {
    expect(written(windowAt(declared, new Date(now)))).toBe(expected);
  });

  it("is the first that has not ended, on its day, at its time, and as long as declared", () => {
    fc.assert(
      fc.property(anyTimes, instant, (declared, now) => {
        const { start, end } = windowAt(declared, now);
        expect(end.getTime() - start.getTime()).toBe(declared.minutes * MINUTE);
        expect(end.getTime()).toBeGreaterThan(now.getTime());
        expect(start.getTime() - now.getTime()).toBeLessThan(
          (declared.day === undefined ? 1 : 7) * DAY + DAY / 12,
        );
        const shown = new Date(shownAt(start.getTime(), declared.timeZone));
        if (declared.day !== undefined) expect(daysOfWeek[shown.getUTCDay()]).toBe(declared.day);
        const isShown = shown.toISOString().slice(11, 16) === declared.start;
        // Clocks are put forward by an hour at most: only then it begins at another time.
        const leftOut = shownAt(start.getTime() - 2 * 60 * MINUTE, declared.timeZone) + 2 * 60 * MINUTE;
        expect(isShown || leftOut < shown.getTime()).toBe(true);
      }),
    );
  });

  it("is the same from its beginning until its end, and then another one", () => {
    fc.assert(
      fc.property(
        anyTimes,
        instant,
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (declared, now, part) => {
          const window = windowAt(declared, now);
          const length = window.end.getTime() - window.start.getTime();
          const within = new Date(window.start.getTime() + Math.floor(length * part));
          expect(isOpen(window, within)).toBe(true);
          expect(isOpen(windowAt(declared, within), within)).toBe(true);
          const next = windowAfter(declared, window);
          expect(isOpen(window, window.end)).toBe(false);
          expect(next.start.getTime()).toBeGreaterThan(window.start.getTime());
          expect(windowAt(declared, window.end).start.getTime()).toBe(next.start.getTime());
        },
      ),
    );
  });

  it("has room for what is done by its end, and for nothing while it is closed", () => {
    const window = windowAt(times(), new Date("2026-06-10T03:00Z"));
    const at = (time: string) => new Date(`2026-06-10T${time}Z`);
    expect(fitsInto(window, at("03:00"), 30 * MINUTE)).toBe(true);
    expect(fitsInto(window, at("03:00"), 30 * MINUTE + 1)).toBe(false);
    expect(fitsInto(window, at("02:29"), MINUTE)).toBe(false);
    expect(fitsInto(window, at("03:30"), 0)).toBe(false);
  });
});

describe("the beginning that is not declared", () => {
  it("is such that the window lies between 23:00 and 07:00, at a quarter of an hour", () => {
    fc.assert(
      fc.property(clusterName(), fc.integer({ min: 30, max: 480 }), (name, minutes) => {
        const [hours = 0, minute = 0] = standardStart(name, minutes).split(":").map(Number);
        const afterEleven = ((hours + 1) % 24) * 60 + minute;
        expect(afterEleven % 15).toBe(0);
        expect(afterEleven + minutes).toBeLessThanOrEqual(8 * 60);
      }),
    );
  });

  it("is always the same for a name, and not for all names", () => {
    expect(specification().maintenance.start).toBe("23:30");
    const names = Array.from({ length: 200 }, (_, index) => `cluster-${index}`);
    expect(new Set(names.map((name) => standardStart(name, 60))).size).toBeGreaterThan(20);
  });

  it("is that of the night for a window that is longer", () => {
    expect(standardStart("dev", 1440)).toBe("23:00");
  });
});

describe("a time zone", () => {
  it.each([
    [
      "Mars/Olympus",
      "Write a name of the IANA time zone database such as Europe/Berlin, or remove the key for UTC.",
    ],
    ["Europe/Berlim", "Did you mean Europe/Berlin?"],
  ])("that does not exist is refused: %s", (timeZone, remedy) => {
    expect(refusalOf({ name: "dev", maintenance: { timeZone } })).toBe(
      `error  spilo:cluster.maintenance.timeZone: "${timeZone}"\n       no time zone has this name.\n       ${remedy}`,
    );
  });

  it("may be any that is known", () => {
    for (const name of ["UTC", "Etc/GMT+5", ...timeZones()]) expect(isTimeZone(name), name).toBe(true);
  });

  it("shows at an instant what it is asked for, unless its clocks leave that out", () => {
    fc.assert(
      fc.property(zone, instant, (timeZone, now) => {
        const shown = shownAt(now.getTime(), timeZone);
        const found = instantOf(shown, timeZone);
        expect(shownAt(found, timeZone)).toBe(shown);
        // What is shown twice is meant the first time.
        expect(found).toBeLessThanOrEqual(now.getTime());
      }),
    );
  });
});
