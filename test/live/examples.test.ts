import { afterEach, expect, it } from "vitest";
import { waitFor } from "../../actions/wait.ts";
import { example } from "../examples.ts";
import { makeZonesWorld } from "../zones/zones-world.ts";
import { evaluate, type LiveCluster, liveCluster } from "./cluster-view.ts";
import { joinNetworks } from "./joined-networks.ts";
import { startS3Server } from "./s3-server.ts";
import { spiloctl, type Told } from "./spiloctl.ts";
import { onSession } from "./sql.ts";
import { makeWorld, type World } from "./world.ts";

/** The examples for Docker, brought up as they are written but for names, addresses, and what is filled in by hand. */
const MINUTE = 60_000;

const leftovers: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const remove of leftovers.splice(0).toReversed()) await remove();
}, 5 * MINUTE);

it.each([
  ["single", 1, 0],
  ["zonal", 3, 0],
  ["replicas", 3, 2],
])(
  "%s comes up with %i members and %i read replicas, healthy",
  {
    timeout: 8 * MINUTE,
  },
  async (name, members, replicas) => {
    const { world, cluster, report } = await broughtUp(name);
    expect(report.members).toHaveLength(members);
    expect(report.replicas).toHaveLength(replicas);
    expect(await evaluate(cluster.endpoint, "current_setting('cluster_name')")).toBe(world.stack);
  },
);

it("cross-zone comes up with a member in each zone, healthy", { timeout: 12 * MINUTE }, async () => {
  const { placement: _hosts, ...declared } = example("cross-zone");
  const zones = await makeZonesWorld("ex-cross-zone", 3, { ...declared, name: "ex-cross-zone" });
  leftovers.push(() => zones.dispose());
  expect(zones.output).toContain("any one of three zones");
  expect((await zones.cluster()).names).toEqual([
    "ex-cross-zone-1-a",
    "ex-cross-zone-2-b",
    "ex-cross-zone-3-c",
  ]);
  await healthy(zones.world);
});

it("standby follows standby-source", { timeout: 12 * MINUTE }, async () => {
  const [one, other] = ["10.90.73.0/24", "10.90.74.0/24"] as const;
  leftovers.push(await joinNetworks(one, other));
  const first = await broughtUp("standby-source", { network: { subnet: one } });
  await onSession(first.cluster.endpoint, (client) =>
    client.query("create table seen as select 42 as value"),
  );
  const source = await first.world.pulumi("stack", "output", "source", "--json", "--show-secrets");
  const { host, port } = first.cluster.endpoint;
  const standbyOf = { cluster: first.world.stack, host: `${host}:${port}` };
  const change = { network: { subnet: other }, standbyOf };
  const second = await broughtUp("standby", change, { "spilo:source": source }, first.world);
  expect(second.report).toMatchObject({ follows: { source: { streams: true } } });
});

it("restore has the rows of the cluster whose backups it is made from", {
  timeout: 10 * MINUTE,
}, async () => {
  const s3 = await startS3Server("examples", 19_085);
  leftovers.push(() => s3.remove());
  const backup = { ...s3.backup, bucket: "archives" };
  const first = await broughtUp("single", { backup }, s3.configuration);
  await onSession(first.cluster.endpoint, (client) =>
    client.query("create table kept as select 42 as value"),
  );
  const asked = ["--latest", "--name", "ex-restore"];
  const { exitCode, report } = await spiloctl(first.world, "restore", ...asked);
  expect({ exitCode, report }).toMatchObject({ exitCode: 0, report: { sourceLives: true } });
  const { cluster: origin, incarnation } = report.source;
  const { time: _time, ...declared } = example("restore").restoreFrom ?? {};
  const restoreFrom = { ...declared, cluster: origin, incarnation, latest: true };
  const second = await broughtUp("restore", { backup, restoreFrom }, s3.configuration);
  expect(await evaluate(second.cluster.endpoint, "(select value from kept)")).toBe("42");
});

interface BroughtUp {
  readonly world: World;
  readonly cluster: LiveCluster;
  /** What `spiloctl status` says. */
  readonly report: Told["report"];
}

/** A cluster from an example, healthy. It goes when the test ends. */
async function broughtUp(
  name: string,
  change: object = {},
  beside: object = {},
  neighbour?: World,
): Promise<BroughtUp> {
  const stack = `ex-${name}`;
  const world = await makeWorld(stack, { ...example(name), name: stack, ...change }, beside, neighbour);
  leftovers.push(() => world.dispose());
  await world.run("up");
  return { world, report: await healthy(world), cluster: await liveCluster(world) };
}

/** Others may be at work beside it, so that the first look comes too early. */
async function healthy(world: World): Promise<Told["report"]> {
  return await waitFor(
    { what: `${world.stack} is well`, deadlineMs: 3 * MINUTE, everyMs: 5000 },
    async () => {
      const { exitCode, report } = await spiloctl(world, "status");
      return exitCode === 0
        ? { found: report }
        : { pending: `status ends with ${exitCode}: ${JSON.stringify([report?.degraded, report?.unknown])}` };
    },
  );
}
