import { afterAll, beforeAll, expect, it } from "vitest";
import { evaluate, type LiveCluster, liveCluster } from "./cluster-view.ts";
import { containerIds, everythingOf } from "./engine.ts";
import { spiloctl } from "./spiloctl.ts";
import { makeWorld, type World } from "./world.ts";

/** Two clusters on one engine, each in a stack of its own: nothing of one is of any concern to the other. */
const MINUTE = 60_000;
const small = { members: 1, etcd: { voters: 1 } };

let staying: World;
let leaving: World;
let clusters: { readonly staying: LiveCluster; readonly leaving: LiveCluster };

beforeAll(async () => {
  staying = await makeWorld("pair-a", { name: "pair-a", ...small });
  leaving = await makeWorld("pair-b", { name: "pair-b", ...small });
  await staying.run("up");
  await leaving.run("up");
  clusters = { staying: await liveCluster(staying), leaving: await liveCluster(leaving) };
}, 6 * MINUTE);

afterAll(async () => {
  await leaving.dispose();
  await staying.dispose();
}, 3 * MINUTE);

it("serve side by side, each at its own address, writers and readers", async () => {
  const { staying: one, leaving: other } = clusters;
  const who = "current_setting('cluster_name') || ' ' || pg_is_in_recovery()";
  expect(one.endpoint.host).not.toBe(other.endpoint.host);
  expect(await evaluate(one.endpoint, who)).toBe("pair-a false");
  expect(await evaluate(other.endpoint, who)).toBe("pair-b false");
  // There is no standby in either: the leader serves readers.
  expect(await evaluate(one.readOnly, who)).toBe("pair-a false");
  expect(await evaluate(other.readOnly, who)).toBe("pair-b false");
});

it("are well with one member, as no more are declared", async () => {
  const { exitCode, report } = await spiloctl(staying, "status");
  expect({ exitCode, report }).toMatchObject({
    exitCode: 0,
    report: { haState: "NotEnabled", degraded: [] },
  });
});

it("leave each other alone when one is removed", { timeout: 3 * MINUTE }, async () => {
  const { staying: one } = clusters;
  const [before, everything] = [await containerIds("pair-a"), await everythingOf("pair-a")];
  const started = await evaluate(one.endpoint, "pg_postmaster_start_time()");
  await leaving.run("down");
  expect(await everythingOf("pair-b")).toEqual([]);
  expect(await containerIds("pair-a")).toEqual(before);
  expect(await everythingOf("pair-a")).toEqual(everything);
  expect(await evaluate(one.endpoint, "pg_postmaster_start_time()")).toBe(started);
  await staying.pulumi("preview", "--refresh", "--diff", "--expect-no-changes");
});
