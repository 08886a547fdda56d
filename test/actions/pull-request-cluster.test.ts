import { chmod, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { parse } from "yaml";
import { writeSshFolder } from "../../actions/pull-request/ssh-folder.ts";
import { requestStack } from "../../actions/pull-request/stack-of-request.ts";
import { requestDown, requestUp } from "../../actions/verbs/request-cluster.ts";

const template = `config:
  # small
  spilo:cluster:
    name: orders
    members: 1
    etcd: { voters: 1 }
    deletionProtection: true
  spilo:images: { spilo: "here:1" }
`;

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "spilo-request-"));
  await writeFile(join(folder, "Pulumi.yaml"), "name: databases\nruntime: nodejs\n");
  await writeFile(join(folder, "pull-request.yaml"), template);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

const variables = {
  ...{ GITLAB_CI: "true", CI_API_V4_URL: "https://gitlab.example/api/v4", CI_PROJECT_ID: "42" },
  ...{ CI_MERGE_REQUEST_IID: "17", GITLAB_USER_LOGIN: "ann", CI_COMMIT_SHA: "0123" },
};

/** A `pulumi` that notes what it is asked, and answers by this script. */
async function fakePulumi(script: string): Promise<() => Promise<string[]>> {
  const log = join(folder, "asked");
  await writeFile(log, "");
  await writeFile(join(folder, "pulumi"), `#!/bin/bash\necho "$*" >> '${log}'\n${script}\n`);
  await chmod(join(folder, "pulumi"), 0o755);
  vi.stubEnv("PATH", `${folder}:${process.env["PATH"]}`);
  return async () => (await readFile(log, "utf8")).trim().split("\n");
}

describe("the stack of a pull request", () => {
  it("is the template's, with a name, an owner and a time to live of its own, and may be taken down", () => {
    const options = { file: "pull-request.yaml", number: 17, owner: "ann", ttl: "2d" };
    const { stack, cluster, text } = requestStack(template, options);
    expect([stack, cluster]).toEqual(["pr-17", "orders-pr-17"]);
    expect(text).toContain("# small");
    expect(parse(text)).toEqual({
      config: {
        "spilo:cluster": {
          ...{ name: "orders-pr-17", members: 1, etcd: { voters: 1 }, owner: "ann", ttl: "2d" },
          ...{ deletionProtection: false, finalBackup: false },
        },
        "spilo:images": { spilo: "here:1" },
      },
    });
  });

  it.each([
    "",
    "config: {}",
    "config: { spilo:cluster: { members: 1 } }",
    "a: [",
    "config: { spilo:cluster: x }",
  ])("is not made from %s", (text) => {
    const options = { file: "pull-request.yaml", number: 17, owner: "ann", ttl: "2d" };
    expect(() => requestStack(text, options)).toThrow(/^pull-request\.yaml: declares no cluster\n/);
  });

  it("is brought up by Pulumi, in this order", async () => {
    const asked = await fakePulumi("");
    const report = await requestUp({ template: "pull-request.yaml", ttl: "2d", folder, variables });
    expect(report).toEqual({ stack: "pr-17", cluster: "orders-pr-17", owner: "ann", ttl: "2d" });
    expect(await asked()).toEqual([
      "stack select --create --stack pr-17 --non-interactive",
      "up --stack pr-17 --yes --skip-preview --non-interactive",
    ]);
    const written = parse(await readFile(join(folder, "Pulumi.pr-17.yaml"), "utf8"));
    expect(written.config["spilo:cluster"].name).toBe("orders-pr-17");
  });

  it("that cannot be brought up says which command failed", async () => {
    await fakePulumi('[ "$1" != up ]');
    await expect(requestUp({ template: "pull-request.yaml", ttl: "2d", folder, variables })).rejects.toThrow(
      /^pulumi up --stack pr-17 --yes --skip-preview: failed\n/,
    );
  });

  it("whose template is missing names it", async () => {
    await expect(requestUp({ template: "other.yaml", ttl: "2d", folder, variables })).rejects.toThrow(
      /^--template .*other\.yaml: ENOENT/,
    );
  });

  it("is taken down with its state", async () => {
    const asked = await fakePulumi(`[ "$2" != ls ] || echo '[{"name":"acme/databases/pr-17"}]'`);
    expect(await requestDown({ folder, variables })).toEqual({ stack: "pr-17", removed: true });
    expect(await asked()).toEqual([
      "stack ls --json --non-interactive",
      "destroy --stack pr-17 --yes --skip-preview --non-interactive",
      "stack rm pr-17 --yes --non-interactive",
    ]);
  });

  it("that was never made, or is gone, needs nothing", async () => {
    const asked = await fakePulumi(`echo '[{"name":"production"},{"name":"pr-170"}]'`);
    expect(await requestDown({ folder, variables })).toEqual({ stack: "pr-17", removed: false });
    expect(await asked()).toEqual(["stack ls --json --non-interactive"]);
  });

  it("that cannot be taken down says what is left, and keeps its state", async () => {
    const resources = [
      {
        type: "pulumi:pulumi:Stack",
        urn: "urn:pulumi:pr-17::databases::pulumi:pulumi:Stack::databases-pr-17",
      },
      {
        type: "docker:index/container:Container",
        urn: "urn:pulumi:pr-17::databases::docker::orders-pr-17-1",
      },
    ];
    const asked = await fakePulumi(`case "$1 $2" in
      "stack ls") echo '[{"name":"pr-17"}]' ;;
      "stack export") echo '${JSON.stringify({ deployment: { resources } })}' ;;
      *) exit 255 ;;
    esac`);
    await expect(requestDown({ folder, variables })).rejects.toThrow(
      /^stack pr-17: not taken down\npulumi destroy .*: failed; left are 1: Container orders-pr-17-1\n.*sweep/,
    );
    expect((await asked()).filter((line) => line.startsWith("stack rm"))).toEqual([]);
  });

  it("needs Pulumi's CLI, and says so", async () => {
    vi.stubEnv("PATH", folder);
    await expect(requestDown({ folder, variables })).rejects.toThrow(/pulumi is not on PATH/);
  });
});

describe("the folder with ssh", () => {
  /** As a secret of a CI has it: without the last line's end, with others' ends of lines. */
  async function given() {
    await execa("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "", "-f", join(folder, "id")]);
    const key = (await readFile(join(folder, "id"), "utf8")).trim().replaceAll("\n", "\r\n");
    return {
      SPILO_SSH_KEY: key,
      SPILO_KNOWN_HOSTS: "db-a ssh-ed25519 AAAA",
      PATH: process.env["PATH"] ?? "",
    };
  }

  it("takes one key to the hosts that are listed, and nothing of the user's", async () => {
    const written = await writeSshFolder(join(folder, "it's ssh"), await given());
    const { stdout } = await execa(join(written, "ssh"), ["-G", "db-a"]);
    const options = stdout.split("\n");
    expect(options).toEqual(
      expect.arrayContaining([
        ...[
          `identityfile ${written}/key`,
          "identitiesonly yes",
          "batchmode yes",
          "stricthostkeychecking true",
        ],
        ...["forwardagent no", "identityagent none"],
      ]),
    );
    expect(options.find((line) => line.startsWith("userknownhostsfile"))).toContain("known_hosts");
    expect(options.join("\n")).not.toContain(".ssh/");
    const { stdout: publicKey } = await execa("ssh-keygen", ["-y", "-f", join(written, "key")]);
    expect(publicKey.trim()).toBe((await readFile(join(folder, "id.pub"), "utf8")).trim());
    for (const name of ["key", "known_hosts", "config"]) {
      expect((await stat(join(written, name))).mode & 0o777, name).toBe(0o600);
    }
  });

  it("is written twice as well as once, and never leads to itself", async () => {
    const own = join(folder, "ssh");
    const first = await given();
    await writeSshFolder(own, first);
    await writeSshFolder(own, { ...first, PATH: `${own}:${first.PATH}` });
    expect(await readFile(join(own, "ssh"), "utf8")).not.toContain(`exec '${own}`);
    await execa(join(own, "ssh"), ["-V"]);
  });

  it.each([
    [{ SPILO_SSH_KEY: "" }, /^SPILO_SSH_KEY: not set\n/],
    [{ SPILO_KNOWN_HOSTS: " " }, /^SPILO_KNOWN_HOSTS: not set\n/],
    [{ SPILO_SSH_KEY: "ssh-ed25519 AAAA-the-public-one" }, /^SPILO_SSH_KEY: is no private key\n/],
    [{ PATH: "/nowhere" }, /^ssh: not found on PATH\n/],
  ])("is not written with %o", async (change, message) => {
    await expect(writeSshFolder(join(folder, "ssh"), { ...(await given()), ...change })).rejects.toThrow(
      message,
    );
  });
});
