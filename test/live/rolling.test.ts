import { execa } from "execa";
import { afterAll, beforeAll, expect, it } from "vitest";
import { waitFor } from "../../actions/wait.ts";
import { connectEngine } from "../../toolchain/engine.ts";
import {
  type ChangeSeen,
  describeChange,
  leadBy,
  otherImage,
  removeOtherImages,
  seenThrough,
} from "./changes.ts";
import { liveCluster } from "./cluster-view.ts";
import { containerIds } from "./engine.ts";
import { spiloctl } from "./spiloctl.ts";
import { makeWorld, type World } from "./world.ts";

/** One cluster that is changed while an application writes. Each step builds on the one before. */
const CLUSTER = "roll";
const OTHER = "other";
const MINUTE = 60_000;

let world: World;

beforeAll(async () => {
  world = await makeWorld(CLUSTER, { name: CLUSTER, recovery: { objective: "fast" } });
  await world.run("up");
}, 4 * MINUTE);

afterAll(async () => {
  await world.dispose();
  await removeOtherImages(world, [OTHER]);
}, 3 * MINUTE);

// The first one: in the order of the plan its turn would come before all others. Every place is in the proofs.
it("another image: standbys first, one switchover, and who leads last", {
  timeout: 4 * MINUTE,
}, async () => {
  const leader = `${CLUSTER}-1`;
  await leadBy(world, leader);
  const image = await otherImage(world, OTHER);
  await theOrderIsSaid(image);
  const seen = await seenThrough(world, { cause: () => world.specify(["image"], image) });
  told(`another image, ${leader} leads`, seen);
  expect(seen.replaced).toHaveLength(3);
  expect(seen.replaced.at(-1)).toBe(leader);
  expect(seen.promotions).toBe(1);
  await nothingIsLeft();
});

it("the leader is removed when another one has taken over, and its slot goes", {
  timeout: 5 * MINUTE,
}, async () => {
  await world.specify(["members"], 5);
  told("3 → 5", await seenThrough(world, { cause: async () => undefined }));
  await leadBy(world, `${CLUSTER}-5`);
  const seen = await seenThrough(world, {
    cause: () => world.specify(["members"], 3),
    meanwhile: () => statusSays("RemovingStandby"),
  });
  told("5 → 3, the leader goes", seen);
  expect(seen.replaced).toEqual([]);
  expect(seen.promotions).toBe(1);
  expect(Object.keys(await containerIds(CLUSTER))).not.toContain(`${CLUSTER}-5`);
  const { report } = await spiloctl(world, "status");
  const slots = report.slots.map(({ name }: { name: string }) => name);
  expect(slots.filter((name: string) => /_[45]$/.test(name))).toEqual([]);
  await nothingIsLeft();
});

it("what was changed by hand is made good through the same procedure", { timeout: 4 * MINUTE }, async () => {
  const cluster = await liveCluster(world);
  const leader = await cluster.leader();
  const standby = (await cluster.view()).members.find(({ name }) => name !== leader)?.name ?? "";
  await execa("docker", ["update", "--memory", "1g", "--memory-swap", "1g", leader]);
  await execa("docker", ["rm", "--force", standby]);
  await leaveOver(standby, leader);
  const seen = await seenThrough(world, {
    cause: async () => undefined,
    up: ["up", "--yes", "--skip-preview", "--refresh"],
  });
  told(`${leader}, which leads, has another limit, and ${standby} is gone`, seen);
  expect(seen.replaced.at(-1)).toBe(leader);
  expect(seen.promotions).toBe(1);
  await nothingIsLeft();
});

it("a step that is refused stops the update with nothing touched; the next `up` goes on", {
  timeout: 4 * MINUTE,
}, async () => {
  const leader = await (await liveCluster(world)).leader();
  const ids = await containerIds(CLUSTER);
  await spiloctl(world, "pause");
  await world.specify(["image"], undefined);
  const refused = await world.pulumi("up", "--yes", "--skip-preview").then(
    () => "it was not refused",
    (error: { all?: string }) => error.all ?? "",
  );
  expect(refused).toMatch(/Patroni is paused, .*spiloctl resume.* was not touched/s);
  expect(await containerIds(CLUSTER)).toEqual(ids);
  await spiloctl(world, "resume");
  const seen = await seenThrough(world, { cause: async () => undefined });
  told("after a step that was refused", seen);
  expect(seen.replaced.at(-1)).toBe(leader);
  expect(seen.promotions).toBe(1);
  await nothingIsLeft();
});

/** Prints the gap, and asserts that no acknowledged row is missing. */
function told(title: string, seen: ChangeSeen): void {
  console.log(describeChange(title, seen));
  expect(seen.missing).toEqual([]);
  expect(seen.acknowledged).toBeGreaterThanOrEqual(40);
}

/** Waits until `status` says so: while an update is under way, its outputs are those of the one before. */
async function statusSays(haState: string): Promise<void> {
  await waitFor({ what: `status says ${haState}`, deadlineMs: 2 * MINUTE, everyMs: 200 }, async () => {
    const { report } = await spiloctl(world, "status");
    return report?.haState === haState ? { found: true } : { pending: `it says ${report?.haState}` };
  });
}

/** A preview says what will be done to whom, before the image is used anywhere. */
async function theOrderIsSaid(image: string): Promise<void> {
  await world.specify(["image"], image);
  const preview = await world.pulumi("preview", "--diff");
  for (const member of [1, 2, 3]) {
    expect(preview).toContain(
      `${CLUSTER}-${member} is replaced in its turn: standbys one after the other, then, after one switchover, whoever leads`,
    );
  }
}

/** As an update does that is killed while it makes the container: it is there, and no state knows of it. */
async function leaveOver(member: string, like: string): Promise<void> {
  const { Config, Image } = await connectEngine().getContainer(like).inspect();
  const labels = Object.entries(Config.Labels).flatMap(([name, value]) => ["--label", `${name}=${value}`]);
  await execa("docker", ["create", "--name", member, ...labels, Image, "/bin/true"]);
}

async function nothingIsLeft(): Promise<void> {
  await (await liveCluster(world)).inSync(2);
  // What the program wants is compared as well, after what is there.
  await world.pulumi("preview", "--refresh", "--diff", "--expect-no-changes");
}
