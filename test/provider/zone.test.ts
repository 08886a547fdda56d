import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { KindContext } from "../../provider/kind.ts";
import { lostZone, noteLostZone } from "../../provider/kinds/lost-zone.ts";
import { zone, zoneBy } from "../../provider/kinds/zone.ts";
import { kinds } from "../../provider/kinds.ts";
import { spiloProvider } from "../../provider/provider.ts";
import { runMemory } from "../../provider/run-memory.ts";
import type { Properties } from "../../provider/wire.ts";
import { FakeEngine } from "./fake-engine.ts";
import { hastyClock } from "./hasty-clock.ts";

let engine: FakeEngine;
let lines: string[];

beforeEach(async () => {
  engine = await new FakeEngine().start();
  lines = [];
  runMemory("1a2b3c4d").lostZones.clear();
});

afterEach(() => engine.stop());

const context: KindContext = {
  report: (line, severity = "info") => lines.push(`${severity}: ${line}`),
  signal: new AbortController().signal,
};

const owner = { project: "shop", stack: "prod", cluster: "orders", incarnation: "1a2b3c4d" };

function inputs(change: Properties = {}): Properties {
  return { ...owner, zone: "b", engine: engine.host, ...change };
}

function part(name: string, kind: string, change: Readonly<Record<string, string>> = {}) {
  return { name, labels: { ...owner, part: kind, ...change } };
}

/** What has labels of a cluster but of no incarnation. */
function withoutIncarnation(name: string) {
  const { incarnation: _, ...labels } = owner;
  return { name, labels };
}

/** The zone as it stands, with what is not ours beside it. */
function populate(): void {
  engine.containers = [
    part("orders-b-etcd-2", "voter"),
    part("orders-b-2", "member"),
    part("orders-b-proxy-2", "proxy"),
    part("orders-c-3", "member", { cluster: "other" }),
    part("orders-b-9", "member", { stack: "test" }),
  ];
  engine.volumes = [
    part("orders-b-2-1a2b3c4d", "member"),
    part("orders-b-2-older", "member", { incarnation: "older" }),
  ];
  engine.networks = [
    withoutIncarnation("orders-b"),
    part("orders-b-older", "network", { incarnation: "older" }),
  ];
}

describe("the deletion of a zone", () => {
  it("removes what the cluster has there, and nothing else", async () => {
    populate();
    await zone.delete?.(inputs(), context);
    const removed = engine.done.filter((line) => line.startsWith("DELETE"));
    expect(removed.toSorted()).toEqual([
      "DELETE /containers/orders-b-2?force=true&v=true",
      "DELETE /containers/orders-b-etcd-2?force=true&v=true",
      "DELETE /containers/orders-b-proxy-2?force=true&v=true",
      "DELETE /networks/orders-b",
      "DELETE /volumes/orders-b-2-1a2b3c4d",
    ]);
    expect(lines).toEqual([`info: removes 3 containers, 1 volume, 1 network from ${engine.host}`]);
  });

  it("leaves data that is to stay, and takes certificates and keys", async () => {
    engine.volumes = [
      part("orders-2-data-1a2b3c4d", "member"),
      part("orders-2-identity-1a2b3c4d", "member"),
      part("orders-etcd-2-data-1a2b3c4d", "voter"),
      part("orders-s3-data-1a2b3c4d", "s3"),
      part("orders-s3-identity-1a2b3c4d", "s3"),
    ];
    await zone.delete?.(inputs({ keeps: ["s3"] }), context);
    const removed = () => engine.done.filter((line) => line.startsWith("DELETE")).toSorted();
    const others = [
      "DELETE /volumes/orders-2-identity-1a2b3c4d",
      "DELETE /volumes/orders-etcd-2-data-1a2b3c4d",
      "DELETE /volumes/orders-s3-identity-1a2b3c4d",
    ];
    expect(removed()).toEqual(["DELETE /volumes/orders-2-data-1a2b3c4d", ...others]);
    expect(lines).toEqual([`info: removes 0 containers, 4 volumes, 0 networks from ${engine.host}`]);
    engine.done.length = 0;
    await zone.delete?.(inputs({ keeps: ["member", "s3"] }), context);
    expect(removed()).toEqual(others);
  });

  it("gives each container a minute, all of them the same one", async () => {
    engine.containers = ["1", "2", "3"].map((name) => part(name, "member"));
    await zone.delete?.(inputs(), context);
    expect(engine.done.filter((line) => line.includes("/stop"))).toHaveLength(3);
    expect(engine.done).toContain("POST /containers/1/stop?t=60");
    expect(engine.stoppingAtOnce).toBe(3);
  });

  it("takes the data when nobody writes any more, and those last on whom the others rely", async () => {
    populate();
    await zone.delete?.(inputs(), context);
    const place = (what: string) => engine.done.findIndex((line) => line.startsWith(what));
    expect(place("POST /containers/orders-b-etcd-2/stop")).toBeGreaterThan(
      place("DELETE /containers/orders-b-2"),
    );
    expect(place("DELETE /volumes/")).toBeGreaterThan(place("DELETE /containers/orders-b-etcd-2"));
  });

  it("is over at once where nothing stands any more", async () => {
    await zone.delete?.(inputs(), context);
    expect([engine.done, lines]).toEqual([[], []]);
  });

  it("minds nothing that has gone meanwhile", async () => {
    populate();
    for (const question of ["POST /containers/orders-b-2/stop", "DELETE /volumes/orders-b-2-1a2b3c4d"]) {
      engine.answers.set(question, { status: 404, message: "no such thing" });
    }
    await zone.delete?.(inputs(), context);
    expect(engine.done).toContain("DELETE /networks/orders-b");
  });

  it("fails with the engine's reason when that refuses", async () => {
    populate();
    engine.answers.set("DELETE /volumes/orders-b-2-1a2b3c4d", { status: 409, message: "volume is in use" });
    await expect(zone.delete?.(inputs(), context)).rejects.toThrow(
      /^zone b: what the cluster has there could not be removed: the engine unix:.*volume is in use.*run this again$/,
    );
  });
});

describe("the deletion of a zone whose engine does not answer", () => {
  const both =
    /^zone b: .*the engine unix:.*docker\.sock.*Bring it back.*available: false.*zone b.*`pulumi up`.*destroy/;

  it("fails, and names the zone, the engine and both remedies", async () => {
    await engine.stop();
    await expect(zone.delete?.(inputs(), context)).rejects.toThrow(both);
  });

  it("fails also when it takes the question and says nothing, after ten seconds", async () => {
    engine.silent = true;
    const outcome = zoneBy(hastyClock()).delete?.(inputs(), context);
    await expect(outcome).rejects.toThrow(both);
    await expect(outcome).rejects.toThrow(/the engine unix:\S+ answers: not within 10 s/);
  });

  it("is interrupted with whoever waits for it", async () => {
    engine.silent = true;
    const interrupted = new AbortController();
    const outcome = zone.delete?.(inputs(), { ...context, signal: interrupted.signal });
    interrupted.abort(new Error("interrupted"));
    await expect(outcome).rejects.toThrow("interrupted");
  });
});

describe("a zone that is noted as lost", () => {
  const note = (change: Properties = {}) => noteLostZone(undefined, inputs(change));

  it("is deleted without a call, and what is left behind is said", async () => {
    populate();
    await note();
    await zone.delete?.(inputs(), context);
    expect(engine.asked).toBe(0);
    expect(lines).toEqual([
      expect.stringMatching(
        /^warning: zone b is given up, .*unix:.*docker\.sock was not called.*pulumi-spilo\.cluster=orders.*pulumi-spilo\.incarnation=1a2b3c4d/,
      ),
    ]);
  });

  it("says nothing of another zone, or of another cluster", async () => {
    populate();
    await note({ zone: "c" });
    await note({ incarnation: "another" });
    await zone.delete?.(inputs(), context);
    expect(engine.done).toContain("DELETE /networks/orders-b");
  });

  it("is noted in each run, and said in the first", async () => {
    const first = await note();
    runMemory("1a2b3c4d").lostZones.clear();
    const second = await noteLostZone(inputs(), inputs());
    expect(runMemory("1a2b3c4d").lostZones.has("b")).toBe(true);
    expect(first.sentences).toEqual([
      expect.stringMatching(/^zone b of orders is not available: .*docker\.sock$/),
    ]);
    expect([second.sentences, first.refusals, second.refusals]).toEqual([[], [], []]);
  });

  it("makes and removes nothing itself", async () => {
    expect(await lostZone.create(inputs(), context)).toEqual({ id: "orders-b", outputs: {} });
    await lostZone.delete?.(inputs(), context);
    expect(engine.asked).toBe(0);
  });
});

describe("a change of a zone", () => {
  const provider = spiloProvider(async () => {}, kinds);
  const urn = (type: string) => `urn:pulumi:prod::shop::spilo:index:SpiloCluster$spilo:index:${type}::b`;

  it.each(["Zone", "LostZone"])(
    "of %s is never a replacement, as that would take the rest for gone",
    async (type) => {
      for (const key of Object.keys(inputs())) {
        const diff = await provider.diff?.("orders-b", urn(type), inputs(), inputs({ [key]: "another" }));
        expect(diff?.replaces).toEqual([]);
      }
    },
  );

  it("of the engine's address is noted, for the deletion to go by", async () => {
    const diff = await provider.diff?.(
      "orders-b",
      urn("Zone"),
      inputs(),
      inputs({ engine: "tcp://10.1.0.2" }),
    );
    expect(diff).toEqual({ changes: true, replaces: [] });
    expect(await zone.create(inputs(), context)).toEqual({ id: "orders-b", outputs: {} });
  });

  it("asks no engine in a refresh", () => {
    expect([zone.read, lostZone.read]).toEqual([undefined, undefined]);
  });
});
