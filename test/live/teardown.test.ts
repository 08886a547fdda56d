import { execa } from "execa";
import { afterAll, beforeAll, expect, it } from "vitest";
import { waitFor } from "../../actions/wait.ts";
import { evaluate, type LiveCluster, liveCluster } from "./cluster-view.ts";
import { containerIds, everythingOf } from "./engine.ts";
import { imageOf, queryRestored, removeVolumes } from "./kept-backups.ts";
import { onSession } from "./sql.ts";
import { makeWorld, type World } from "./world.ts";

/** A cluster that is protected, as in any stack but `dev`, and its end; each step builds on the one before. */
const CLUSTER = "guard-end";
const MINUTE = 60_000;
const guarded = { deletionProtection: true, finalBackup: true };

let world: World;
let cluster: LiveCluster;

beforeAll(async () => {
  world = await makeWorld(CLUSTER, { name: CLUSTER, members: 1, etcd: { voters: 1 }, ...guarded });
  await world.run("up");
  cluster = await liveCluster(world);
  await onSession(cluster.endpoint, (client) =>
    client.query("create table kept as select generate_series(1, 1000) as id"),
  );
}, 8 * MINUTE);

afterAll(async () => {
  await world.dispose();
}, 3 * MINUTE);

it("refuses to go while it is protected, says by what, and nothing of it is touched", {
  timeout: 3 * MINUTE,
}, async () => {
  const before = [await containerIds(CLUSTER), await everythingOf(CLUSTER), await stateOf()];
  const refused = await failureOf(world.pulumi("destroy", "--yes"));
  expect(refused).toContain("guard-end-kept-until-deletionProtection-is-false");
  expect(refused).toMatch(/protect/);
  const skipping = await failureOf(world.pulumi("destroy", "--yes", "--skip-preview"));
  expect(skipping).toContain("guard-end-kept-until-deletionProtection-is-false");
  for (const flags of [[], ["--forget"]]) {
    const down = await failureOf(world.run("down", ...flags));
    expect(down).toMatch(
      /error {2}stack guard-end: deletionProtection is on\n {7}it protects guard-end; nothing was removed\./,
    );
    expect(down).toContain("Set deletionProtection: false in Pulumi.guard-end.yaml");
  }
  expect([await containerIds(CLUSTER), await everythingOf(CLUSTER), await stateOf()]).toEqual(before);
  expect(await rows()).toBe("1000");
});

it("is brought back by `up` with its data when its only server is lost", {
  timeout: 5 * MINUTE,
}, async () => {
  const lost = (await containerIds(CLUSTER))[`${CLUSTER}-1`];
  await execa("docker", ["rm", "--force", `${CLUSTER}-1`]);
  await world.pulumi("up", "--yes", "--skip-preview", "--refresh");
  expect((await containerIds(CLUSTER))[`${CLUSTER}-1`]).not.toBe(lost);
  expect(await rows()).toBe("1000");
  await world.pulumi("preview", "--refresh", "--diff", "--expect-no-changes");
});

it("may be unprotected, and then does not go without its final backup", { timeout: 5 * MINUTE }, async () => {
  await world.specify(["deletionProtection"], false);
  await world.pulumi("up", "--yes", "--skip-preview");
  const before = await everythingOf(CLUSTER);
  await execa("docker", ["stop", `${CLUSTER}-1`]);
  const refused = await failureOf(world.pulumi("destroy", "--yes", "--skip-preview"));
  expect(refused).toContain("guard-end: the final backup was not made, so nothing of the cluster is deleted");
  expect(refused).toContain("set finalBackup: false, run `pulumi up`, and destroy then");
  expect(await everythingOf(CLUSTER)).toEqual(before);
  await execa("docker", ["start", `${CLUSTER}-1`]);
  await serves();
});

it("goes with a plain destroy, and leaves the volume with its backups, from which every row is restored", {
  timeout: 8 * MINUTE,
}, async () => {
  await onSession(cluster.endpoint, (client) =>
    client.query("insert into kept select generate_series(1001, 1500)"),
  );
  const images = { spilo: await imageOf(`${CLUSTER}-1`), s3: await imageOf(`${CLUSTER}-s3`) };
  const { bucket, prefix } = JSON.parse(await world.pulumi("stack", "output", "archive", "--json"));
  const said = await world.pulumi("destroy", "--yes");
  expect(said).toMatch(/final backup base_[0-9A-F]{24} \([\d.]+ MB\) is in s3:\/\/guard-end-wal\//);
  const [volume = "", ...others] = await everythingOf(CLUSTER);
  expect([volume, others]).toEqual([expect.stringMatching(/^guard-end-s3-data-[0-9a-f]{8}$/), []]);
  expect(said).toContain(`the backups of guard-end stay: volume ${volume} on unix:///var/run/docker.sock`);
  const kept = { volume, bucket, prefix, images };
  expect(await queryRestored(kept, "app", "select count(*), max(id) from kept")).toBe("1500|1500");
  // What is left of the stack is its state: it goes, and the backups stay.
  expect(await world.run("down")).toContain(
    `kept: ${volume}, with the backups of an earlier life of this stack`,
  );
  expect(await everythingOf(CLUSTER)).toEqual([volume]);
  await removeVolumes([volume]);
});

/** Names of all resources of the stack. */
async function stateOf(): Promise<readonly string[]> {
  const { deployment } = JSON.parse(await world.pulumi("stack", "export"));
  return deployment.resources.map(({ urn }: { readonly urn: string }) => urn).sort();
}

async function serves(): Promise<void> {
  await waitFor({ what: "the endpoint leads to a leader", deadlineMs: MINUTE }, async () => {
    const answer = await evaluate(cluster.endpoint, "pg_is_in_recovery()").catch(String);
    return answer === "false" ? { found: true } : { pending: answer };
  });
}

async function rows(): Promise<string> {
  return evaluate(cluster.endpoint, "(select count(*) from kept)");
}

/** Everything that a command printed which has to fail. */
async function failureOf(command: Promise<string>): Promise<string> {
  return command.then(
    () => {
      throw new Error("it did not fail");
    },
    (error: { readonly all?: string }) => error.all ?? String(error),
  );
}
