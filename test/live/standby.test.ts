import { afterAll, beforeAll, expect, it } from "vitest";
import { startWriteProbe } from "../../actions/probe/write-probe.ts";
import { waitFor } from "../../actions/wait.ts";
import { evaluate, type LiveCluster, liveCluster } from "./cluster-view.ts";
import { joinNetworks } from "./joined-networks.ts";
import { memberFaults } from "./member-faults.ts";
import { spiloctl } from "./spiloctl.ts";
import { connect, onSession } from "./sql.ts";
import { makeWorld, type World } from "./world.ts";
import { startWriter } from "./writer.ts";

/**
 * A cluster follows another one of another stack: through a failover there, until it is promoted; and then the other one follows
 * it.
 */
const MINUTE = 60_000;
const [SOURCE, STANDBY] = ["sb-source", "sb-standby"] as const;
const [SOURCE_NET, STANDBY_NET] = ["10.90.71.0/24", "10.90.72.0/24"] as const;

const worlds = new Map<string, World>();
let separate: (() => Promise<void>) | undefined;
let source: LiveCluster;
let standby: LiveCluster;

beforeAll(async () => {
  separate = await joinNetworks(SOURCE_NET, STANDBY_NET);
  const small = { etcd: { voters: 1 }, endpoint: { standbys: true } };
  const first = await makeWorld(SOURCE, { ...small, members: 2, network: { subnet: SOURCE_NET } });
  worlds.set(SOURCE, first);
  await first.run("up");
  source = await liveCluster(first);
  const pair = await first.pulumi("stack", "output", "source", "--json", "--show-secrets");
  const follows = { tls: { ca: "given" }, standbyOf: { cluster: SOURCE, host: placeOf(source) } };
  const others = { members: 1, network: { subnet: STANDBY_NET } };
  const second = await makeWorld(
    STANDBY,
    { ...small, ...others, ...follows },
    { "spilo:source": pair },
    first,
  );
  worlds.set(STANDBY, second);
  await second.run("up");
  standby = await liveCluster(second);
}, 9 * MINUTE);

afterAll(async () => {
  for (const world of [...worlds.values()].reverse()) await world.dispose();
  await separate?.();
}, 6 * MINUTE);

it("follows through a failover of the other one, and takes no writes itself", {
  timeout: 6 * MINUTE,
}, async () => {
  await insertInto(source, 1);
  const writer = await startWriter(source.endpoint, "failover");
  await writer.writes(20, MINUTE);
  const lost = await source.leader();
  await memberFaults["container killed"].cause(placeOfMember(lost));
  await writer.writes(60, MINUTE);
  await memberFaults["container killed"].mend(placeOfMember(lost));
  const { missing } = await writer.stop();
  expect(missing).toEqual([]);
  expect(await source.leader()).not.toBe(lost);
  await insertInto(source, 2);
  await sameRows(200);
  await expect(onSession(direct(standby), (client) => client.query("create table x ()"))).rejects.toThrow(
    "read-only transaction",
  );
  const { exitCode, report } = await spiloctl(worldOf(STANDBY), "status");
  expect({ exitCode, report }).toMatchObject({
    exitCode: 0,
    report: { follows: { host: placeOf(source), source: { streams: true } }, degraded: [] },
  });
  await unchanged(STANDBY);
});

it("is not promoted while the other one serves, unless loss is accepted", async () => {
  const { exitCode, report } = await spiloctl(worldOf(STANDBY), "promote");
  expect(exitCode).toBe(3);
  expect(report.error.message).toMatch(/serves, and both clusters would take writes; what may be lost: 0 B/);
});

it("changes places with the other one without losing a row", { timeout: 6 * MINUTE }, async () => {
  // As libpq with two hosts: whoever takes writes.
  const limits = { connectionTimeoutMillis: 1000, query_timeout: 2000 };
  const writer = startWriteProbe({
    connect: () =>
      connect({ ...source.endpoint, ...limits }).catch(() => connect({ ...standby.endpoint, ...limits })),
    table: "spilo_exchange",
  });
  await writer.writes(20, MINUTE);
  const { exitCode, report, said } = await spiloctl(worldOf(STANDBY), "promote", "--source-stack", SOURCE);
  expect({ exitCode, report, said }).toMatchObject({
    exitCode: 0,
    report: { reversed: true, mayBeLost: null },
  });
  await writer.writes(20, MINUTE);
  const { acknowledged, missing, longestGapMs } = await writer.stop();
  console.log(`${acknowledged} rows, none for ${(longestGapMs / 1000).toFixed(1)} s`);
  expect(missing).toEqual([]);
  await insertInto(standby, 3);
  await sameRows(300);
});

it("leads by its specification from then on, and the other one follows by its own", {
  timeout: 8 * MINUTE,
}, async () => {
  await worldOf(STANDBY).specify(["standbyOf"], undefined);
  await worldOf(SOURCE).specify(["standbyOf"], { cluster: STANDBY, host: placeOf(standby) });
  await worldOf(STANDBY).run("up");
  await worldOf(SOURCE).run("up");
  await unchanged(STANDBY);
  await unchanged(SOURCE);
  await insertInto(standby, 4);
  await sameRows(400);
  const { report } = await spiloctl(worldOf(SOURCE), "status");
  expect(report).toMatchObject({ haState: "Healthy", follows: { host: placeOf(standby) }, degraded: [] });
});

function worldOf(stack: string): World {
  const world = worlds.get(stack);
  if (world === undefined) throw new Error(`there is no world ${stack}`);
  return world;
}

function placeOf({ endpoint: { host, port } }: LiveCluster): string {
  return `${host}:${port}`;
}

function placeOfMember(name: string) {
  return { cluster: SOURCE, name, address: "" };
}

function direct({ direct: [first] }: LiveCluster) {
  if (first === undefined) throw new Error("there is no member");
  return first;
}

/** A hundred rows more, by the endpoint. */
async function insertInto({ endpoint }: LiveCluster, hundred: number): Promise<void> {
  const numbers = `generate_series(${hundred * 100 - 99}, ${hundred * 100})`;
  await onSession(endpoint, async (client) => {
    await client.query("create table if not exists kept (n int primary key)");
    await client.query(`insert into kept select ${numbers}`);
  });
}

/** Every server of both clusters has these rows, as soon as those that follow have replayed them. */
async function sameRows(count: number): Promise<void> {
  await waitFor({ what: `${count} rows everywhere`, deadlineMs: MINUTE }, async () => {
    try {
      const servers = [...source.direct, ...standby.direct];
      const value = "(select count(*) || ' ' || max(n) from kept)";
      const seen = await Promise.all(servers.map((server) => evaluate(server, value)));
      const all = seen.every((one) => one === `${count} ${count}`);
      return all ? { found: true } : { pending: seen.join("; ") };
    } catch (error) {
      return { pending: String(error) };
    }
  });
}

/** The second preview is empty. */
async function unchanged(stack: string): Promise<void> {
  await worldOf(stack).pulumi("preview", "--refresh", "--diff", "--expect-no-changes");
}
