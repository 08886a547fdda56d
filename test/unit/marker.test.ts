import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { archivesElsewhere, parseSpec, planCluster } from "../../cluster/index.ts";
import { isCountedAnew, judge, type Marker } from "../../cluster/leases/marker.ts";

const HOUR = 3600;
const made = "2026-03-01T12:00:00.000Z";
const marker: Marker = { ttlSeconds: 2 * HOUR, since: made, protected: false, engines: 1, archives: [] };

function at(hours: number): Date {
  return new Date(Date.parse(made) + hours * HOUR * 1000);
}

describe("a marker", () => {
  it.each([
    ["2d", 172_800],
    ["90min", 5400],
    ["1.5h", 5400],
  ])("of ttl %s is of %i seconds", (ttl, ttlSeconds) => {
    const lease = { ttl, owner: "team a", deletionProtection: false, finalBackup: false };
    expect(planCluster(parseSpec({ name: "orders", ...lease })).marker).toEqual({
      ttlSeconds,
      owner: "team a",
    });
  });

  it("is in no plan of a cluster of which neither is said", () => {
    expect(planCluster(parseSpec({ name: "orders" }))).not.toHaveProperty("marker");
  });

  it("names the buckets that do not go with the containers", () => {
    const second = { endpoint: "https://far.example", bucket: "copy" };
    const of = (backup: object) => archivesElsewhere(planCluster(parseSpec({ name: "orders", backup })));
    expect(of({})).toEqual([]);
    expect(of({ endpoint: "https://s3.example/", second })).toEqual([
      { endpoint: "https://s3.example", region: "us-east-1", bucket: "orders-wal" },
      { endpoint: "https://far.example", region: "us-east-1", bucket: "copy" },
    ]);
  });
});

describe("the judgement of a cluster", () => {
  it.each([
    ["before its end", marker, 1.99, "lives", "it lives until 2026-03-01T14:00Z"],
    ["at its end", marker, 2, "expired", "its time to live ended at 2026-03-01T14:00Z"],
    ["without a ttl", { ...marker, ttlSeconds: undefined }, 1e5, "unlimited", "it has no ttl"],
    [
      "that is protected",
      { ...marker, protected: true },
      1e5,
      "protected",
      "deletionProtection is on, though its ttl is of 2026-03-01T14:00Z",
    ],
    ["without a marker", undefined, 1e5, "unmarked", "it has no marker: nobody said how long it lives"],
  ] as const)("%s", (_title, found, hours, verdict, why) => {
    expect(judge(found, at(hours))).toEqual({ verdict, why });
  });

  it("never takes one for expired before its ttl, or while it is protected, or whose time cannot be read", () => {
    const any = fc.record({
      ttlSeconds: fc.option(fc.integer({ min: 60, max: 365 * 86_400 }), { nil: undefined }),
      protected: fc.boolean(),
      since: fc.oneof(fc.constant(made), fc.constant("soon"), fc.constant("")),
    });
    fc.assert(
      fc.property(any, fc.double({ min: 0, max: 10_000, noNaN: true }), (said, hours) => {
        const { verdict } = judge({ ...marker, ...said }, at(hours));
        const mayGo = said.since === made && !said.protected && said.ttlSeconds !== undefined;
        const isOver = mayGo && hours * HOUR >= (said.ttlSeconds ?? 0) + 0.001;
        if (verdict === "expired")
          expect([mayGo, hours * HOUR >= (said.ttlSeconds ?? 0) - 0.001]).toEqual([true, true]);
        if (isOver) expect(verdict).toBe("expired");
      }),
    );
  });
});

describe("the time to live", () => {
  it.each([
    [0.5, false],
    [0.51, true],
    [3, true],
  ])("of two hours is counted anew by an update after %d hours: %s", (hours, anew) => {
    expect(isCountedAnew(marker, at(hours))).toBe(anew);
  });

  it("that is not limited is not counted", () => {
    expect(isCountedAnew({ since: made }, at(1e5))).toBe(false);
  });
});
