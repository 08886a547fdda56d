import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  applyMergePatch,
  type DynamicSettings,
  describeChange,
  type JsonObject,
  sharedMemoryFive,
} from "../../cluster/index.ts";
import type { ParameterValue } from "../../cluster/plan-types.ts";
import { dynamicSettings } from "../../cluster/settings/settings.ts";
import { parameters, roomySpecification, specification } from "./specifications.ts";

describe("describeChange", () => {
  it("has nothing to tell when nothing changes", () => {
    expect(describeChange(settings(), settings())).toEqual({
      patch: {},
      reload: [],
      restart: [],
      phases: [],
      sentences: [],
    });
  });

  it("sees no change in another spelling of a value", () => {
    const change = describeChange(
      withParameters({ work_mem: "1GB", jit: true }),
      withParameters({ work_mem: 1048576, jit: "on" }),
    );
    expect(change.patch).toEqual({});
  });

  it("reloads what can be reloaded", () => {
    expect(describeChange(settings(), settings({ work_mem: "64MB" }))).toEqual({
      patch: { postgresql: { parameters: { work_mem: "64MB" } } },
      reload: ["work_mem"],
      restart: [],
      phases: [],
      sentences: ["work_mem default → 64MB: taken over without a restart"],
    });
  });

  it("takes Patroni's own settings over without a restart", () => {
    const to = dynamicSettings(specification({ synchronous: { mode: "on", count: 2 } }));
    expect(describeChange(settings(), to)).toMatchObject({
      patch: { synchronous_mode: "on", synchronous_node_count: 2 },
      reload: ["synchronous_mode", "synchronous_node_count"],
      phases: [],
    });
  });

  it("restarts standbys first for a raised value", () => {
    expect(describeChange(settings({ max_connections: 200 }), settings({ max_connections: 250 }))).toEqual({
      patch: { postgresql: { parameters: { max_connections: 250 } } },
      reload: [],
      restart: ["max_connections"],
      phases: [
        {
          order: "standbys-first",
          parameters: ["max_connections"],
        },
      ],
      sentences: [
        "max_connections 200 → 250: takes a restart, standbys first, then the leader",
        "every member restarts once, one after the other; writes stop while the leader restarts",
      ],
    });
  });

  it("restarts the leader first for a lowered value", () => {
    const change = describeChange(settings({ max_connections: 250 }), settings({ max_connections: 200 }));
    expect(change.phases).toEqual([
      {
        order: "leader-first",
        parameters: ["max_connections"],
      },
    ]);
    expect(change.sentences[0]).toBe(
      "max_connections 250 → 200: takes a restart, the leader first, then the standbys once they have replayed the change",
    );
  });

  it("raises before it lowers, each in a round of its own, with all else in the first", () => {
    const from = settings({ max_connections: 200, max_prepared_transactions: 50 });
    const to = settings({
      max_connections: 300,
      max_prepared_transactions: 0,
      wal_level: "logical",
      work_mem: "8MB",
    });
    const change = describeChange(from, to);
    expect(change.phases).toEqual([
      {
        order: "standbys-first",
        parameters: ["max_connections", "wal_level"],
      },
      {
        order: "leader-first",
        parameters: ["max_prepared_transactions"],
      },
    ]);
    expect(change.reload).toEqual(["work_mem"]);
    expect(change.restart).toEqual(["max_connections", "max_prepared_transactions", "wal_level"]);
    expect(change.sentences.at(-1)).toBe(
      "the leader restarts once, every standby up to twice, one after the other; writes stop while the leader restarts",
    );
  });

  it("lowers in one round together with what restarts in any order", () => {
    const from = settings({ max_worker_processes: 16 });
    const to = settings({ max_worker_processes: 8, track_commit_timestamp: "on" });
    expect(describeChange(from, to).phases).toEqual([
      {
        order: "leader-first",
        parameters: ["max_worker_processes", "track_commit_timestamp"],
      },
    ]);
  });

  it("removes with null, and compares with the default that is then in force", () => {
    const from = withParameters({
      max_locks_per_transaction: 128,
      superuser_reserved_connections: 5,
      work_mem: "8MB",
    });
    const change = describeChange(from, withParameters({}));
    expect(change.patch).toEqual({
      postgresql: {
        parameters: { max_locks_per_transaction: null, superuser_reserved_connections: null, work_mem: null },
      },
    });
    expect(change.phases.map(({ order }) => order)).toEqual(["leader-first"]);
    expect(change.sentences[0]).toMatch(
      /^max_locks_per_transaction 128 → default: takes a restart, the leader first/,
    );
  });

  it("restarts nobody for a default that is written out", () => {
    const change = describeChange(
      withParameters({}),
      withParameters({ max_connections: 100, wal_level: "replica" }),
    );
    expect(change.restart).toEqual([]);
    expect(change.patch).toEqual({
      postgresql: { parameters: { max_connections: 100, wal_level: "replica" } },
    });
  });

  it("reloads a parameter that the catalogue does not know, such as one edited in by hand", () => {
    expect(
      describeChange(withParameters({ "my.flag": "a" }), withParameters({ "my.flag": "b" })).reload,
    ).toEqual(["my.flag"]);
  });
});

describe("every change", () => {
  it("leads to the new settings by its patch", () => {
    fc.assert(
      fc.property(parameters(), parameters(), (older, newer) => {
        const [from, to] = [settings(older), settings(newer)];
        expect(applyMergePatch(json(from), describeChange(from, to).patch)).toEqual(json(to));
      }),
    );
  });

  it("raises none of the five with the leader first, and lowers none with the standbys first", () => {
    fc.assert(
      fc.property(parameters(), parameters(), (older, newer) => {
        const [from, to] = [settings(older), settings(newer)];
        for (const { order, parameters: names } of describeChange(from, to).phases) {
          for (const name of sharedMemoryFive.filter((five) => names.includes(five))) {
            const raised = Number(to.postgresql.parameters[name]) > Number(from.postgresql.parameters[name]);
            expect(order).toBe(raised ? "standbys-first" : "leader-first");
          }
        }
      }),
    );
  });

  it("tells each key once: as reload or as restart, and each restart in one round", () => {
    fc.assert(
      fc.property(parameters(), parameters(), (older, newer) => {
        const { reload, restart, phases, sentences } = describeChange(settings(older), settings(newer));
        const told = [...reload, ...restart];
        expect(new Set(told).size).toBe(told.length);
        expect(phases.flatMap((phase) => phase.parameters).sort()).toEqual(restart);
        expect(sentences).toHaveLength(told.length + (phases.length === 0 ? 0 : 1));
      }),
    );
  });
});

/** The settings of a cluster for which these parameters are asked. */
function settings(asked: Readonly<Record<string, ParameterValue>> = {}): DynamicSettings {
  return dynamicSettings(roomySpecification({ postgresql: { parameters: asked } }));
}

/** Settings with these parameters and no others. */
function withParameters(exactly: Readonly<Record<string, ParameterValue>>): DynamicSettings {
  const standard = settings();
  return { ...standard, postgresql: { ...standard.postgresql, parameters: exactly } };
}

function json(document: DynamicSettings): JsonObject {
  return JSON.parse(JSON.stringify(document));
}
