import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  durationSeconds,
  formatQuantity,
  memoryMib,
  parseQuantity,
  type Unit,
} from "../../cluster/schema/quantity.ts";

describe("parseQuantity", () => {
  it.each<[string | number, Unit, number | undefined]>([
    ["64MB", "kB", 65536],
    ["1GB", "MB", 1024],
    ["1GB", "8kB", 131072],
    ["1.5MB", "kB", 1536],
    ["8192", "kB", 8192],
    [8192, "kB", 8192],
    [" 5 min ", "s", 300],
    ["5min", "ms", 300_000],
    ["1h", "min", 60],
    ["500us", "ms", 0.5],
    ["-1", "MB", -1],
    ["64MiB", "kB", undefined],
    ["64mb", "kB", undefined],
    ["5min", "kB", undefined],
    ["1GB", "s", undefined],
    ["", "kB", undefined],
    ["GB", "kB", undefined],
    [Number.NaN, "kB", undefined],
  ])("reads %j in %s as %j", (text, unit, expected) => {
    expect(parseQuantity(text, unit)).toBe(expected);
  });
});

describe("formatQuantity", () => {
  it.each<[number, Unit, string | number]>([
    [65536, "kB", "64MB"],
    [16384, "8kB", "128MB"],
    [1025, "kB", "1025kB"],
    [1, "8kB", "8kB"],
    [300, "s", "5min"],
    [90, "s", "90s"],
    [0, "s", 0],
    [-1, "MB", -1],
    [0.5, "ms", 0.5],
  ])("writes %j %s as %j", (value, unit, expected) => {
    expect(formatQuantity(value, unit)).toBe(expected);
  });

  it("writes what is read again as the same value", () => {
    const units = fc.constantFrom<Unit>("B", "kB", "8kB", "MB", "ms", "s", "min");
    fc.assert(
      fc.property(fc.integer({ min: -1, max: 2_147_483_647 }), units, (value, unit) => {
        expect(parseQuantity(formatQuantity(value, unit), unit)).toBe(value);
      }),
    );
  });
});

describe("sizes in a specification", () => {
  it("are counted in MiB and seconds", () => {
    expect([memoryMib("2GB"), memoryMib("512MB"), durationSeconds("5min")]).toEqual([2048, 512, 300]);
  });

  it("are refused when they are none", () => {
    expect(() => memoryMib("much")).toThrow(new RangeError("not a memory size: much"));
    expect(() => durationSeconds("long")).toThrow(new RangeError("not a duration: long"));
  });
});
