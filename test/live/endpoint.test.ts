import { execa } from "execa";
import type pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { waitFor } from "../../actions/wait.ts";
import { evaluate, type LiveCluster, liveCluster } from "./cluster-view.ts";
import { containerIds } from "./engine.ts";
import { haproxyPid, holdersOf, settled } from "./proxies.ts";
import { connect, onSession } from "./sql.ts";
import { makeWorld, type World } from "./world.ts";
import { startWriter } from "./writer.ts";

/** The address that clients use, while what stands behind it breaks and changes. Each step builds on the one before. */
const CLUSTER = "endp";
const MINUTE = 60_000;

/** What clients may wait, in each of these cases. */
const LONGEST_GAP_MS = 3_000;

let world: World;
let cluster: LiveCluster;
let vip: string;

beforeAll(async () => {
  world = await makeWorld(CLUSTER);
  await world.run("up");
  cluster = await liveCluster(world);
  vip = cluster.endpoint.host;
}, 4 * MINUTE);

afterAll(async () => {
  await world.dispose();
}, 3 * MINUTE);

it("is held by one of two proxies", async () => {
  await settled(CLUSTER, vip);
  expect(await holdersOf(CLUSTER, vip)).toHaveLength(1);
});

it("stays when both proxies are replaced, one after the other", { timeout: 3 * MINUTE }, async () => {
  const before = await containerIds(CLUSTER);
  await world.specify(["endpoint", "pooled"], true);
  await withinTheGap("both proxies replaced", cluster.endpoint, () =>
    world.pulumi("up", "--yes", "--skip-preview"),
  );
  const after = await containerIds(CLUSTER);
  const replaced = Object.keys(after).filter((name) => before[name] !== after[name]);
  expect(replaced).toEqual([`${CLUSTER}-proxy-1`, `${CLUSTER}-proxy-2`]);
});

const faults: readonly {
  readonly title: string;
  readonly port: number;
  readonly cause: (holder: string) => Promise<unknown>;
  readonly mend: (holder: string, address: string) => Promise<unknown>;
}[] = [
  {
    title: "the container that holds it is killed",
    port: 5000,
    cause: (holder) => execa("docker", ["kill", holder]),
    mend: (holder) => execa("docker", ["start", holder]),
  },
  {
    title: "the HAProxy behind it is killed",
    port: 5000,
    cause: async (holder) => process.kill(await haproxyPid(holder), "SIGKILL"),
    mend: async () => undefined,
  },
  {
    title: "its holder's network is cut",
    port: 5000,
    cause: (holder) => execa("docker", ["network", "disconnect", CLUSTER, holder]),
    mend: (holder, address) => execa("docker", ["network", "connect", "--ip", address, CLUSTER, holder]),
  },
  {
    title: "the container that holds it is killed, for clients of the pool",
    port: 6432,
    cause: (holder) => execa("docker", ["kill", holder]),
    mend: (holder) => execa("docker", ["start", holder]),
  },
];

it.each(faults.map((fault) => [fault.title, fault] as const))(
  "moves within three seconds, and no leader changes, when %s",
  { timeout: 2 * MINUTE },
  async (title, fault) => {
    const { port, cause, mend } = fault;
    const holder = await settled(CLUSTER, vip);
    const { leader, timeline } = await whoLeads();
    await withinTheGap(title, { ...cluster.endpoint, port }, () => cause(holder));
    expect(await whoLeads()).toEqual({ leader, timeline });
    await waitFor({ what: "the address has moved", deadlineMs: 5_000 }, async () => {
      const holders = await holdersOf(CLUSTER, vip);
      return holders.join() !== "" && holders.join() !== holder
        ? { found: true }
        : { pending: holders.join() };
    });
    await mend(holder, vip.replace(/\.\d+$/, `.2${holder.at(-1)}`));
    const now = await settled(CLUSTER, vip);
    expect(now, "who comes back leaves it where it is").not.toBe(holder);
  },
);

it("leads readers to standbys, and to the leader when all of these lag", {
  timeout: 2 * MINUTE,
}, async () => {
  const standby = "pg_is_in_recovery()";
  expect(await evaluate(cluster.readOnly, standby)).toBe("true");
  await onSession(cluster.endpoint, (client) => client.query("create table held as select 1 as one"));
  await cluster.inSync(2);
  const members = await Promise.all(cluster.direct.map(openSession));
  try {
    // What a reader holds on a standby makes replay wait, for half a minute at most.
    for (const { client } of members) {
      const { rows } = await client.query(`select ${standby} as standby`);
      if (rows[0].standby) await client.query("begin isolation level repeatable read; select * from held");
    }
    await onSession(cluster.endpoint, (client) =>
      client.query(
        "drop table held; create table lag as select repeat('x', 1000) from generate_series(1, 40000)",
      ),
    );
    await eventuallyReads("false");
  } finally {
    await Promise.all(members.map(({ client }) => client.end().catch(() => undefined)));
  }
  await eventuallyReads("true");
  await onSession(cluster.endpoint, (client) => client.query("drop table lag"));
});

it("cuts no idle session from three members to five and back, nor for a parameter", {
  timeout: 6 * MINUTE,
}, async () => {
  await settled(CLUSTER, vip);
  const before = await containerIds(CLUSTER);
  const sessions = await Promise.all([1, 2, 3].map(() => openSession(cluster.endpoint)));
  const readers = await Promise.all([1, 2].map(() => openSession(cluster.readOnly)));
  try {
    for (const [path, value] of [
      [["members"], 5],
      [["postgresql", "parameters", "work_mem"], "4608kB"],
      [["members"], 3],
    ] as const) {
      await world.specify(path, value);
      await world.pulumi("up", "--yes", "--skip-preview");
      const now = await containerIds(CLUSTER);
      expect(Object.entries(now).filter(([name, id]) => before[name] && before[name] !== id)).toEqual([]);
      expect(await Promise.all([...sessions, ...readers].map(stillTheSame))).not.toContain(false);
    }
    expect(await containerIds(CLUSTER)).toEqual(before);
    const [first] = sessions;
    expect((await first?.client.query("show work_mem"))?.rows).toEqual([{ work_mem: "4608kB" }]);
  } finally {
    await Promise.all([...sessions, ...readers].map(({ client }) => client.end().catch(() => undefined)));
  }
});

/** Writes through an address while something happens to it; prints the gap. */
async function withinTheGap(
  title: string,
  endpoint: pg.ClientConfig,
  cause: () => Promise<unknown>,
): Promise<void> {
  await cluster.inSync(2);
  const writer = await startWriter(endpoint);
  await writer.writes(50, 20_000);
  await cause();
  await writer.writes(50, 30_000);
  const { acknowledged, missing, longestGapMs } = await writer.stop();
  console.log(
    `${title}: longest write gap ${(longestGapMs / 1000).toFixed(2)} s, ${acknowledged} rows acknowledged, ${missing.length} missing`,
  );
  expect(missing).toEqual([]);
  expect(longestGapMs).toBeLessThan(LONGEST_GAP_MS);
}

async function whoLeads(): Promise<{ leader: string; timeline: string }> {
  const timeline = "(select timeline_id from pg_control_checkpoint())";
  return { leader: await cluster.leader(), timeline: await evaluate(cluster.endpoint, timeline) };
}

/** Patroni looks at the leader's position every ten seconds, HAProxy at Patroni every one. */
async function eventuallyReads(standby: string): Promise<void> {
  await waitFor({ what: `readers read on a standby: ${standby}`, deadlineMs: 40_000 }, async () => {
    const found = await evaluate(cluster.readOnly, "pg_is_in_recovery()").catch(String);
    return found === standby ? { found } : { pending: found };
  });
}

interface Session {
  readonly client: pg.Client;
  readonly pid: number;
}

async function openSession(config: pg.ClientConfig): Promise<Session> {
  const client = await connect(config);
  const { rows } = await client.query("select pg_backend_pid() as pid");
  return { client, pid: rows[0].pid };
}

async function stillTheSame({ client, pid }: Session): Promise<boolean> {
  const { rows } = await client.query("select pg_backend_pid() as pid").catch(() => ({ rows: [] }));
  return rows[0]?.pid === pid;
}
