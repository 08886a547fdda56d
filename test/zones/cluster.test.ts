import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { waitFor } from "../../actions/wait.ts";
import { isBad } from "../live/chaos/run.ts";
import { spiloctl } from "../live/spiloctl.ts";
import { startWriter } from "../live/writer.ts";
import { describeZoneLost, loseZoneOfLeader } from "./lose-zone.ts";
import { makeZonesWorld, type ZonesWorld } from "./zones-world.ts";

/** A cluster over three engines on this machine: by its socket, by TLS and by ssh. */
const MINUTE = 60_000;
const stack = "zones";

let zones: ZonesWorld & { readonly output: string };

beforeAll(async () => {
  zones = await makeZonesWorld(stack, 3, { recovery: { objective: "fast" } });
}, 8 * MINUTE);

afterAll(async () => {
  await zones?.dispose();
}, 3 * MINUTE);

describe("a cluster over three zones", () => {
  it("comes up on three engines, with a member, a voter and a proxy on each", async () => {
    expect(zones.output).toContain("any one of three zones");
    expect(zones.zones.map(({ host }) => host.split(":")[0])).toEqual(["unix", "tcp", "ssh"]);
    const running = await Promise.all(zones.zones.map(({ engine }) => engine.docker.listContainers()));
    const names = running.map((list) => list.map(({ Names }) => Names[0]?.slice(1)).toSorted());
    expect(names).toEqual([
      ["zones-1-a", "zones-etcd-1-a", "zones-proxy-1-a", "zones-s3"],
      ["zones-2-b", "zones-etcd-2-b", "zones-proxy-2-b"],
      ["zones-3-c", "zones-etcd-3-c", "zones-proxy-3-c"],
    ]);
  });

  it("has nothing left to do", { timeout: 2 * MINUTE }, async () => {
    const said = await zones.world.pulumi("preview", "--refresh", "--expect-no-changes");
    expect(said).toMatch(/\d+ unchanged/);
  });

  it.each([["zones-1-a", "link cut"] as const, ["zones-2-b", "zone killed"] as const])(
    "goes on in another zone when that of %s is lost: %s",
    { timeout: 6 * MINUTE },
    async (leader, fault) => {
      const lost = await loseZoneOfLeader(zones, { fault, leader });
      console.log(describeZoneLost(lost));
      expect(zones.zoneOf(lost.leaderAfter)).not.toBe(zones.zoneOf(leader));
      expect(lost.verdict.acknowledged).toBeGreaterThan(100);
      expect(isBad(lost.verdict)).toBe(false);
    },
  );

  it("stands in the other zones while one cannot be had, and goes back", {
    timeout: 9 * MINUTE,
  }, async () => {
    const { world } = zones;
    const [, , c] = zones.zones;
    if (c === undefined) throw new Error("there is no third zone");
    await toLead("zones-1-a");
    const before = await timeline();
    const writer = await startWriter((await zones.cluster()).endpoint, "moving");
    await c.kill();
    expect((await spiloctl(world, "zones", "probe")).exitCode).toBe(9);
    expect((await spiloctl(world, "zones", "probe", "--write")).exitCode).toBe(0);
    await expect(world.pulumi("preview")).rejects.toThrow(/zone c cannot be had[\s\S]*fallbackToSameZone/);
    await world.specify(["placement", "fallbackToSameZone"], true);
    await world.specify(["placement", "primaryZone"], "b");
    // With a change beside it: nothing has to wait for the zone.
    await world.specify(["postgresql", "parameters", "work_mem"], "8MB");
    await world.run("up");
    const moved = await zones.cluster();
    expect(moved.names.every((name) => !name.endsWith("-c"))).toBe(true);
    await moved.inSync(1);
    expect(await moved.onEach("current_setting('work_mem')")).toEqual(["8MB", "8MB", "8MB"]);
    await c.start();
    await reachable();
    expect((await spiloctl(world, "zones", "probe", "--write")).exitCode).toBe(0);
    await world.run("up");
    const back = await zones.cluster();
    expect(back.names).toEqual(["zones-1-a", "zones-2-b", "zones-3-c"]);
    await back.inSync(2);
    const { missing, acknowledged, longestGapMs } = await writer.stop();
    console.log(
      `a zone gone and back: longest write gap ${(longestGapMs / 1000).toFixed(2)} s, ${acknowledged} rows`,
    );
    expect(missing).toEqual([]);
    expect((await timeline()) - before).toBeLessThanOrEqual(1);
    await world.pulumi("preview", "--refresh", "--expect-no-changes");
    // A wish, which no update has acted on.
    expect((await spiloctl(world, "status")).report.notes.join()).toContain("belongs in zone b");
    expect((await spiloctl(world, "switchover", "--home")).exitCode).toBe(0);
    expect(await back.leader()).toBe("zones-2-b");
  });

  it("leaves nothing when it is taken down", { timeout: 4 * MINUTE }, async () => {
    await zones.world.run("down");
    const { stdout: namespaces } = await execa("ip", ["netns", "list"]);
    expect(namespaces).not.toContain("spu-");
    const { stdout: links } = await execa("ip", ["-brief", "link"]);
    expect(links).not.toMatch(/^spu/m);
    const { stdout: daemons } = await execa("pgrep", ["-af", "dockerd"], { reject: false });
    expect(daemons).not.toContain(zones.world.directory);
  });

  async function toLead(member: string): Promise<void> {
    const cluster = await zones.cluster();
    await cluster.inSync(2);
    if ((await cluster.leader()) === member) return;
    expect((await spiloctl(zones.world, "switchover", "--to", member)).exitCode).toBe(0);
    await cluster.inSync(2);
  }

  async function timeline(): Promise<number> {
    const { members } = await (await zones.cluster()).view();
    return Math.max(...members.map((member) => member.timeline ?? 0));
  }

  async function reachable(): Promise<void> {
    await waitFor({ what: "the engine of zone c answers", deadlineMs: MINUTE }, async () => {
      const { exitCode } = await spiloctl(zones.world, "zones", "probe");
      return exitCode === 9 ? { found: true } : { pending: `the probe ends with ${exitCode}` };
    });
  }
});
