import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, expect, it } from "vitest";
import { stringify } from "yaml";
import { root } from "../../toolchain/paths.ts";
import { prepare } from "../../toolchain/prepare.ts";
import { type ForgeServer, forgeServer } from "../actions/forge-server.ts";
import { containerIds, everythingOf } from "./engine.ts";
import { makeRepository, type Repository } from "./pull-request/repository.ts";
import { makeRunner, type Runner } from "./pull-request/runner.ts";

/** A pull request from its first push to its end, by the commands of the workflow files, on a server that plays GitHub. */
const MINUTE = 60_000;
const file = (name: string) => `examples/ci/github/${name}.yml`;
const small = { members: 1, etcd: { voters: 1 }, deletionProtection: false, finalBackup: false };
const [production, ofRequest] = ["pr-orders", "pr-orders-pr-17"];

let forge: ForgeServer;
let repository: Repository;
let runner: Runner;
let state: string;
let env: Record<string, string>;
let images: object;

beforeAll(async () => {
  const prepared = await prepare();
  ({ images } = prepared);
  forge = await forgeServer("github");
  state = await mkdtemp(join(tmpdir(), "spilo-pull-request-"));
  env = {
    ...{ HOME: state, PULUMI_HOME: prepared.env["PULUMI_HOME"] ?? "", PULUMI_SKIP_UPDATE_CHECK: "true" },
    PATH: [prepared.pulumiBin, process.env["PATH"]].filter((one) => one !== undefined).join(delimiter),
    ...(process.env["DOCKER_HOST"] === undefined ? {} : { DOCKER_HOST: process.env["DOCKER_HOST"] }),
    ...{ GITHUB_ACTIONS: "true", GITHUB_API_URL: forge.api, GITHUB_REPOSITORY: "acme/databases" },
  };
  repository = await makeRepository({
    "Pulumi.production.yaml": declared("6MB"),
    "pull-request.yaml": {
      config: { "spilo:cluster": { name: production, ...small }, "spilo:images": images },
    },
  });
  runner = makeRunner(repository, { ...(await settings()), ...ownRepository }, env);
  await pulumi("stack", "init", "production");
}, 15 * MINUTE);

afterAll(async () => {
  for (const stack of ["pr-17", "production"]) {
    await pulumi("destroy", "--stack", stack, "--yes", "--skip-preview").catch(() => undefined);
  }
  await repository.dispose();
  await forge.close();
  await rm(state, { recursive: true, force: true });
}, 5 * MINUTE);

const ownRepository = {
  "github.repository": "acme/databases",
  "github.event.pull_request.head.repo.full_name": "acme/databases",
};

/** What stands in the settings of the repository. */
async function settings() {
  await execa("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(state, "id")]);
  const key = await readFile(join(state, "id"), "utf8");
  return {
    ...{ "vars.PULUMI_BACKEND_URL": `file://${state}`, "secrets.PULUMI_CONFIG_PASSPHRASE": "a passphrase" },
    ...{ "secrets.SPILO_PREVIEW_KEY": key, "secrets.SPILO_UPDATE_KEY": key },
    ...{ "vars.SPILO_KNOWN_HOSTS": "db-a ssh-ed25519 AAAA", "github.token": "token-of-the-job" },
  };
}

const declared = (workMem: string) => {
  const cluster = { name: production, ...small, postgresql: { parameters: { work_mem: workMem } } };
  return { config: { "spilo:cluster": cluster, "spilo:images": images } };
};

/** As somebody does in a checkout of the main branch. */
async function pulumi(...args: string[]): Promise<string> {
  const checkout = await repository.checkout("main");
  const own = { PULUMI_BACKEND_URL: `file://${state}`, PULUMI_CONFIG_PASSPHRASE: "a passphrase" };
  await execa("npm", ["ci", "--offline"], { cwd: checkout, env: { ...env, ...own } });
  const { stdout } = await execa("pulumi", [...args, "--non-interactive"], {
    cwd: checkout,
    env: { ...env, ...own },
    extendEnv: false,
  });
  return stdout;
}

/** What GitHub says of the pull request, and the jobs that follow. Each has to end well. */
async function happens(name: string, action: string, commit: string): Promise<string> {
  const pull_request = { user: { login: "ann" }, head: { sha: commit } };
  const event = { payload: { action, number: 17, pull_request }, context: { "github.event.action": action } };
  const ran = await runner.run(file(name), { ...event, commit });
  for (const { job, exitCode, log } of ran) expect({ job, exitCode, log }).toMatchObject({ exitCode: 0 });
  return ran.map(({ job }) => job).join(", ");
}

const pushed = (workMem: string) =>
  repository.push("more-memory", "Pulumi.production.yaml", stringify(declared(workMem)));

it("begins with production, which its workflow brings up", { timeout: 6 * MINUTE }, async () => {
  expect(await happens("production", "push", "main")).toBe("up");
  expect(await setting("work_mem")).toBe("6MB");
});

it("opened: the plan is a comment, and a cluster of its own is there", { timeout: 6 * MINUTE }, async () => {
  expect(await happens("pull-request", "opened", await pushed("8MB"))).toBe("plan, cluster");
  const [comment, ...others] = forge.comments;
  expect(others).toEqual([]);
  expect(comment?.body).toContain("### Plan of `production` at ");
  expect(comment?.body).toMatch(/work_mem.*"8MB"/);
  // What is above the fold is the plan in words.
  const plan = comment?.body.split("<details>")[0];
  expect(plan).toContain("**low** · pr-orders: one setting is reloaded");
  expect(plan).toContain("work\\_mem 6MB → 8MB by a reload");
  expect(comment?.body).toContain("<summary>pulumi preview --diff</summary>");
  expect(Object.keys(await containerIds(ofRequest))).toHaveLength(5);
  expect(await leaseOf(ofRequest)).toMatchObject({ owner: "ann", outcome: "kept" });
  // Nothing of production has changed yet.
  expect(await setting("work_mem")).toBe("6MB");
});

it("pushed again: the same comment says the new plan, and the cluster stays", {
  timeout: 5 * MINUTE,
}, async () => {
  const [before, containers] = [forge.comments[0]?.id, await containerIds(ofRequest)];
  expect(await happens("pull-request", "synchronize", await pushed("9MB"))).toBe("plan, cluster");
  expect(forge.comments.map(({ id }) => id)).toEqual([before]);
  expect(forge.comments[0]?.body).toMatch(/work_mem.*"9MB"/);
  expect(forge.comments[0]?.body).not.toContain(`"8MB"`);
  expect(await containerIds(ofRequest)).toEqual(containers);
});

it("merged: production has the change, and was not replaced", { timeout: 5 * MINUTE }, async () => {
  const containers = await containerIds(production);
  expect(await happens("production", "push", await repository.merge("more-memory"))).toBe("up");
  expect(await setting("work_mem")).toBe("9MB");
  expect(await containerIds(production)).toEqual(containers);
});

it("closed: nothing of its cluster is left, nor of its stack", { timeout: 5 * MINUTE }, async () => {
  expect(await happens("pull-request", "closed", "main")).toBe("takedown");
  expect(await everythingOf(ofRequest)).toEqual([]);
  const stacks: { readonly name: string }[] = JSON.parse(await pulumi("stack", "ls", "--json"));
  expect(stacks.map(({ name }) => name)).toEqual(["production"]);
  expect(Object.keys(await containerIds(production))).toHaveLength(5);
  // A job that is run once more finds nothing to do.
  expect(await happens("pull-request", "closed", "main")).toBe("takedown");
  expect(forge.comments).toHaveLength(1);
  // Nor has the daily sweep, and it leaves production alone.
  expect(await happens("sweep", "schedule", "main")).toBe("sweep");
  expect(Object.keys(await containerIds(production))).toHaveLength(5);
});

/** As the daily sweep sees a cluster. */
async function leaseOf(cluster: string): Promise<object | undefined> {
  const { stdout } = await execa(join(root, "spiloctl"), ["sweep", "--json"]);
  const { clusters }: { readonly clusters: readonly { readonly cluster: string }[] } = JSON.parse(stdout);
  return clusters.find((one) => one.cluster === cluster);
}

/** Of production's only member. */
async function setting(name: string): Promise<string> {
  const query = ["psql", "-tAc", `show ${name}`];
  return (await execa("docker", ["exec", "-u", "postgres", `${production}-1`, ...query])).stdout;
}
