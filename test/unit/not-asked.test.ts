import { describe, expect, it } from "vitest";
import { type FoundCluster, newestOf } from "../../actions/sweep/find-clusters.ts";
import { notAsked } from "../../actions/sweep/not-asked.ts";
import type { Marker } from "../../cluster/leases/marker.ts";

const of = { project: "shop", stack: "dev", cluster: "orders", incarnation: "1a2b3c4d" };
const [a, b, c] = ["ssh://db-a", "ssh://db-b", "ssh://db-c"];
const all = [a, b, c];

function marker(engines: Marker["engines"], engine?: string, hour = 12): Marker {
  const since = `2026-03-01T${hour}:00:00.000Z`;
  return { ttlSeconds: 3600, since, protected: false, engines, archives: [], engine };
}

/** @param marks by the engine as it was asked. */
function found(marks: Readonly<Record<string, Marker>>, volumes = 0): FoundCluster {
  const engines = Object.keys(marks);
  return {
    ...{ of, engines, marker: newestOf(Object.values(marks)), counts: { containers: 0, volumes } },
    marks: Object.entries(marks).map(([engine, one]) => ({ engine, marker: one })),
  };
}

describe("a cluster on several engines", () => {
  it("is all there when they were asked, by whatever address", () => {
    const marks = {
      [a]: marker(all, a),
      "tcp://10.0.0.2:2376": marker(all, b),
      "ssh://ci@db-c": marker(all, c),
    };
    expect(notAsked(found(marks), Object.keys(marks))).toBeUndefined();
  });

  it("is on those as well that were not asked", () => {
    const why = `it is on ${b} and ${c} as well: name all of its engines with --engine`;
    expect(notAsked(found({ [a]: marker(all, a) }), [a])).toBe(why);
  });

  it("is all there when some of them have nothing of it any more, as after a sweep that was interrupted", () => {
    expect(notAsked(found({ [c]: marker(all, c) }), ["ssh://ci@db-a", b, c])).toBeUndefined();
  });

  it("is not on this machine because another one has a socket of that name", () => {
    const own = "unix:///var/run/docker.sock";
    expect(notAsked(found({ [own]: marker([own, c], c) }), [own])).toMatch(/^it is on unix:.* as well/);
    expect(notAsked(found({ [own]: marker([own], own) }), [own])).toBeUndefined();
  });

  it("goes by its newest marker: of one that it has left there may be an older one", () => {
    const left = { [b]: marker(all, b, 10), [c]: marker([a, c], c, 11) };
    expect(notAsked(found(left), [b, c])).toBe(
      `it is on ${a} as well: name all of its engines with --engine`,
    );
    expect(notAsked(found(left), all)).toBeUndefined();
  });

  it("is not taken for whole by as many others: it has moved on, and these it has left", () => {
    const moved = [c, "ssh://db-e", "ssh://db-f"];
    const marks = { [a]: marker(all, a, 10), [b]: marker(all, b, 10), [c]: marker(moved, c) };
    expect(notAsked(found(marks), all)).toMatch(/^it is on ssh:\/\/db-e and ssh:\/\/db-f as well/);
  });
});

describe("a marker of an earlier version, which counts the engines", () => {
  const some = { [a]: marker(3), [b]: marker(3) };

  it("is whole when as many were asked", () => {
    expect(notAsked(found({ ...some, [c]: marker(3) }), all)).toBeUndefined();
  });

  it("is not when fewer were, and says what to do where nothing is left", () => {
    const why = "it is on 3 engines, of which 2 were asked: name all with --engine";
    expect(notAsked(found(some, 2), all)).toBe(why);
    expect(notAsked(found(some), all)).toBe(
      `${why}; should it have nothing there any more, remove the volume orders-marker-1a2b3c4d`,
    );
  });
});

it("has nothing to tell of a cluster without a marker", () => {
  expect(notAsked(found({}), [a])).toBeUndefined();
});
