import { describe, expect, it } from "vitest";
import { describeParameterChange, planCluster } from "../../cluster/index.ts";
import type { ParameterValue } from "../../cluster/plan-types.ts";
import { specification } from "./specifications.ts";

type Asked = Readonly<Record<string, ParameterValue>>;

describe("describeParameterChange", () => {
  it("has nothing to tell when nothing changes but the spelling", () => {
    expect(between({ shared_buffers: "1GB" }, { shared_buffers: 131072 })).toEqual({
      reload: [],
      restart: [],
      replacement: [],
      sentences: [],
    });
  });

  it("says of each parameter whether it is a reload, a restart or a replacement", () => {
    const change = between(
      { work_mem: "4MB" },
      {
        work_mem: "5MB",
        max_connections: 200,
        shared_buffers: "1GB",
        "pg_stat_statements.track_utility": "on",
      },
    );
    expect(change).toEqual({
      reload: ["work_mem"],
      restart: ["max_connections"],
      replacement: ["pg_stat_statements.track_utility", "shared_buffers"],
      sentences: [
        "max_connections 100 → 200: takes a restart, standbys first, then the leader",
        "work_mem 4MB → 5MB: taken over without a restart",
        "every member restarts once, one after the other; writes stop while the leader restarts",
        "pg_stat_statements.track_utility default → on: takes a replacement of the members",
        "shared_buffers 512MB → 1GB: takes a replacement of the members",
        "every member is replaced once, one after the other; data is kept",
      ],
    });
  });

  it("sees that a memory limit moves shared_buffers", () => {
    const [from, to] = [specification(), specification({ resources: { memory: "4GB" } })].map(planCluster);
    if (from === undefined || to === undefined) throw new Error("no plan");
    expect(describeParameterChange(from, to).replacement).toEqual(["shared_buffers"]);
  });

  it.each([
    [17, ["autovacuum_max_workers"], []],
    [18, [], ["autovacuum_max_workers"]],
  ])("knows what PostgreSQL %i takes without a restart", (version, restart, reload) => {
    const change = between({ autovacuum_max_workers: 3 }, { autovacuum_max_workers: 5 }, version);
    expect([change.restart, change.reload]).toEqual([restart, reload]);
  });
});

function between(older: Asked, newer: Asked, version = 17) {
  const image = `registry.example/spilo-${version}:1`;
  const plan = (parameters: Asked) =>
    planCluster(specification({ image, postgresql: { version, parameters } }));
  return describeParameterChange(plan(older), plan(newer));
}
