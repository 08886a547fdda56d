import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { markerIn, markerName, markerOn, writeMarker } from "../../actions/engine/marker.ts";
import type { KindContext } from "../../provider/kind.ts";
import { marker } from "../../provider/kinds/marker.ts";
import { kinds } from "../../provider/kinds.ts";
import type { Properties } from "../../provider/wire.ts";
import { connectEngine } from "../../toolchain/engine.ts";
import { engine, ownerOf, removeStanding, standing } from "./abandoned.ts";

/** On the real engine: the marker is an empty volume, and nothing else of a cluster is there. */
const of = ownerOf("marked");
const name = markerName(of);
const archive = { endpoint: "https://s3.example", region: "us-east-1", bucket: "b", prefix: "spilo/x" };
const inputs: Properties = {
  ...of,
  engines: [engine],
  ttlSeconds: 3600,
  protected: false,
  archives: [archive],
};

let now: Date;
const told: string[] = [];
const context: KindContext = {
  report: (line) => told.push(line),
  signal: new AbortController().signal,
  now: () => now,
};

beforeEach(() => {
  now = new Date("2026-03-01T12:00:00.000Z");
  told.length = 0;
});

afterEach(removeStanding);

describe("a marker on an engine", () => {
  it("says whose the cluster is and how long it lives, and is called by its id", async () => {
    const made = await marker.create(inputs, context);
    expect(made).toEqual({ id: name, outputs: { since: "2026-03-01T12:00:00.000Z" } });
    expect(await standing()).toEqual([`volume ${name}`]);
    expect(await markerOn({ engine }, of)).toEqual({
      ttlSeconds: 3600,
      since: "2026-03-01T12:00:00.000Z",
      protected: false,
      engines: [engine],
      engine,
      archives: [archive],
    });
  });

  it("says otherwise after an update, and counts from then on", async () => {
    await marker.create(inputs, context);
    now = new Date("2026-03-02T12:00:00.000Z");
    const { ttlSeconds: _, ...forEver } = inputs;
    const news = { ...forEver, owner: "team b" };
    expect(await marker.update?.(inputs, news, context)).toEqual({ since: now.toISOString() });
    const told = await markerOn({ engine }, of);
    expect(told).toMatchObject({ owner: "team b", since: now.toISOString() });
    expect(told).not.toHaveProperty("ttlSeconds");
  });

  it("is found as it stands by a refresh; one that is gone, or says otherwise, is written again", async () => {
    const { outputs } = await marker.create(inputs, context);
    const state = { ...inputs, ...outputs };
    expect(await marker.read?.(state, context)).toEqual({});
    expect(await marker.read?.({ ...state, ttlSeconds: 60 }, context)).toEqual({ protected: true });
    await connectEngine().getVolume(name).remove();
    expect(await marker.read?.(state, context)).toEqual({ protected: true });
  });

  it("is written anew when an earlier version has made it, which counted the engines", async () => {
    const { outputs } = await marker.create(inputs, context);
    const former = { ttlSeconds: 3600, since: now.toISOString(), protected: false, engines: 1 };
    await writeMarker({ engine }, of, { ...former, archives: [archive] });
    expect(await markerOn({ engine }, of)).toMatchObject({ engines: 1 });
    const found = await marker.read?.({ ...inputs, ...outputs }, context);
    expect(found).toEqual({ protected: true });
    await marker.update?.({ ...inputs, ...outputs, ...found }, inputs, context);
    expect(await markerOn({ engine }, of)).toMatchObject({ engines: [engine], engine });
  });

  it("leaves an engine with the cluster, and says so where that does not answer", async () => {
    const away = "unix:///nowhere/docker.sock";
    await marker.create(inputs, context);
    await marker.update?.({ ...inputs, engines: [engine, away] }, { ...inputs, engines: [] }, context);
    expect(await standing()).toEqual([]);
    expect(told).toEqual([
      expect.stringContaining(
        `its marker stays on an engine that it has left: remove the volume ${name} there`,
      ),
    ]);
  });

  it("stays where a zone is lost, and nobody is asked there", async () => {
    await marker.create(inputs, context);
    await marker.update?.(inputs, { ...inputs, engines: [], lost: [engine] }, context);
    expect(await standing()).toEqual([`volume ${name}`]);
    expect(told).toEqual([]);
  });

  it("stays on an engine that is named otherwise, and where another life has it", async () => {
    await marker.create(inputs, context);
    await marker.update?.(inputs, { ...inputs, engines: ["unix:///run/docker.sock"] }, context);
    expect(await markerOn({ engine }, of)).toMatchObject({ engine: "unix:///run/docker.sock" });
    await marker.update?.(inputs, { ...inputs, incarnation: "99999999", engines: [] }, context);
    expect(await standing()).toEqual([`volume ${name}`]);
  });

  it("goes with the cluster, also when somebody has taken it away", async () => {
    await marker.create(inputs, context);
    await marker.delete?.(inputs, context);
    expect(await standing()).toEqual([]);
    await marker.delete?.(inputs, context);
  });

  it("is due when a quarter of the time to live is over", () => {
    const state = { ...inputs, since: now.toISOString() };
    const dueAfter = (minutes: number) =>
      kinds["spilo:index:Marker"]?.due?.(state, new Date(now.getTime() + minutes * 60_000));
    expect(dueAfter(15)).toEqual([]);
    expect(dueAfter(16)).toEqual([
      `${of.cluster}: its time to live counts from this update on; nothing else is changed by that`,
    ]);
  });

  it.each([
    ["another text", { "pulumi-spilo.part": "marker", "pulumi-spilo.marker": "{" }],
    ["less than all", { "pulumi-spilo.part": "marker", "pulumi-spilo.marker": '{"ttlSeconds":1}' }],
    ["all of it on something else", { "pulumi-spilo.part": "member", "pulumi-spilo.marker": "{}" }],
  ])("is none with %s", (_title, labels) => {
    expect(markerIn(labels)).toBeUndefined();
  });
});
