import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { root } from "../../toolchain/paths.ts";
import { gitLabJobs } from "../ci-files.ts";
import { makeRunner } from "../live/pull-request/runner.ts";
import { type ForgeServer, forgeServer } from "./forge-server.ts";

/** The jobs that plan, by the commands of the files, with programs in Pulumi's and npm's place. */
let folder: string;
let forge: ForgeServer;
let key: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "spilo-ci-jobs-"));
  await execa("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(folder, "id")]);
  key = await readFile(join(folder, "id"), "utf8");
});

afterEach(async () => {
  await forge.close();
  await rm(folder, { recursive: true, force: true });
});

interface Ended {
  readonly exitCode: number;
  readonly log: string;
}

/** What `spiloctl plan` says and ends with; the other verbs are the real ones. */
interface Planned {
  readonly says: string;
  readonly code: number;
}

async function programs({ says, code }: Planned): Promise<string> {
  const bin = join(folder, "bin");
  const scripts = {
    npm: "true",
    npx: `shift 2; [ "$1" != plan ] || { echo '${says}'; exit ${code}; }; exec ${root}/spiloctl "$@"`,
    pulumi: `echo "~ docker:index/container:Container orders-1"; echo "ssh: $(command -v ssh)"; exit ${code}`,
  };
  await mkdir(bin);
  for (const [name, script] of Object.entries(scripts)) {
    await writeFile(join(bin, name), `#!/bin/bash\n${script}\n`);
    await chmod(join(bin, name), 0o755);
  }
  return `${bin}:${process.env["PATH"]}`;
}

const commit = "0123456789abcdef0123456789abcdef01234567";
const checkout = () => mkdtemp(join(folder, "checkout-"));

async function onGitHub(planned: Planned): Promise<Ended> {
  const values = {
    ...{ "vars.PULUMI_BACKEND_URL": "file:///nowhere", "secrets.PULUMI_CONFIG_PASSPHRASE": "open" },
    ...{ "secrets.SPILO_PREVIEW_KEY": key, "vars.SPILO_KNOWN_HOSTS": "db-a ssh-ed25519 AAAA" },
    ...{ "github.token": "token-of-the-job", "github.repository": "acme/databases" },
    "github.event.pull_request.head.repo.full_name": "acme/databases",
  };
  const runner = makeRunner({ folder, checkout }, values, {
    ...{ PATH: await programs(planned), GITHUB_ACTIONS: "true", GITHUB_API_URL: forge.api },
    GITHUB_REPOSITORY: "acme/databases",
  });
  const pull_request = { user: { login: "ann" }, head: { sha: commit } };
  const context = { "github.event.action": "opened" };
  const payload = { action: "opened", number: 17, pull_request };
  const ran = await runner.run("examples/ci/github/pull-request.yml", { payload, context, commit });
  const plan = ran.find(({ job }) => job === "plan");
  if (plan === undefined) throw new Error("there is no job that plans");
  return plan;
}

async function onGitLab(planned: Planned): Promise<Ended> {
  const { plan } = gitLabJobs();
  if (plan === undefined) throw new Error("there is no job that plans");
  expect(plan.variables).toEqual({ SPILO_SSH_KEY: "$SPILO_PREVIEW_KEY" });
  const directory = await checkout();
  const env = {
    ...{ PATH: await programs(planned), GITLAB_CI: "true", CI_API_V4_URL: forge.api, CI_PROJECT_ID: "42" },
    ...{ CI_MERGE_REQUEST_IID: "17", GITLAB_USER_LOGIN: "ann", GITLAB_TOKEN: "token-of-a-person" },
    ...{ CI_COMMIT_SHA: commit, CI_PROJECT_DIR: directory, SPILO_SSH_KEY: key },
    SPILO_KNOWN_HOSTS: "db-a ssh-ed25519 AAAA",
  };
  const shell = (lines: readonly string[]) =>
    execa("bash", ["-e", "-c", lines.join("\n")], {
      cwd: directory,
      env,
      extendEnv: false,
      reject: false,
      all: true,
    });
  const script = await shell(plan.script);
  const after = await shell(plan.after);
  expect(after.exitCode, after.all).toBe(0);
  return { exitCode: script.exitCode ?? -1, log: `${script.all}\n${after.all}` };
}

describe.each([
  ["github", onGitHub],
  ["gitlab", onGitLab],
] as const)("the job that plans on %s", (kind, run) => {
  it.each([
    ["a plan without a risk", { says: "**low** · orders: no outage", code: 0 }],
    ["a plan that loses data", { says: "**data loss** · orders: a volume goes", code: 3 }],
  ])("comments %s, and ends as it does", async (_what, planned) => {
    forge = await forgeServer(kind);
    const { exitCode, log } = await run(planned);
    expect({ exitCode, log }).toMatchObject({ exitCode: planned.code });
    expect(forge.comments).toHaveLength(1);
    expect(forge.comments[0]?.body).toContain(`\n${planned.says}\n`);
    expect(forge.comments[0]?.body).toContain("~ docker:index/container:Container orders-1");
    // The key is the first that is found, and is told to nobody.
    expect(forge.comments[0]?.body).toMatch(/^ssh: .*\/ssh\/ssh$/m);
    expect(log).not.toContain(key.split("\n")[1]);
    expect(log).not.toMatch(/token-of/);
  });

  it("says in the comment that there is no plan when it failed", async () => {
    forge = await forgeServer(kind);
    expect((await run({ says: "", code: 1 })).exitCode).toBe(1);
    expect(forge.comments[0]?.body).toContain("**There is no plan**");
  });
});
