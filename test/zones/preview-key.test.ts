import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { access, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, expect, it } from "vitest";
import { writeSshFolder } from "../../actions/pull-request/ssh-folder.ts";
import { waitFor } from "../../actions/wait.ts";
import { installPackages } from "../../toolchain/apt.ts";
import { root } from "../../toolchain/paths.ts";

/** What docs/pull-requests.md says that the key for previews can do, and cannot, at a server with the line that stands there. */
const server = "/usr/sbin/sshd";

let folder: string;
let port: number;
let ssh: string;
let stop: () => void = () => undefined;

beforeAll(async () => {
  await access(server).catch(() => installPackages(["openssh-server"], "it is talked to", () => undefined));
  folder = await mkdtemp(join(tmpdir(), "spilo-preview-key-"));
  port = await freePort();
  const [own, host] = [await makeKey("own"), await makeKey("host")];
  const page = readFileSync(join(root, "docs/pull-requests.md"), "utf8");
  const options = /^ +(restrict,command=".*") ssh-ed25519 /m.exec(page)?.[1];
  await writeFile(join(folder, "authorized_keys"), `${options} ${own.publicKey}`);
  const lines = [
    ...[`ListenAddress 127.0.0.1:${port}`, `HostKey ${join(folder, "host")}`, "PidFile none", "UsePAM no"],
    ...[`AuthorizedKeysFile ${join(folder, "authorized_keys")}`, "StrictModes no"],
  ];
  await writeFile(join(folder, "sshd_config"), `${lines.join("\n")}\n`);
  await mkdir("/run/sshd", { recursive: true });
  const daemon = spawn(server, ["-D", "-e", "-f", join(folder, "sshd_config")], { stdio: "ignore" });
  stop = () => daemon.kill();
  const secrets = {
    SPILO_SSH_KEY: await readFile(join(folder, "own"), "utf8"),
    SPILO_KNOWN_HOSTS: `[127.0.0.1]:${port} ${host.publicKey}`,
  };
  ssh = await writeSshFolder(join(folder, "ssh"), { ...secrets, PATH: process.env["PATH"] });
  await waitFor({ what: "sshd listens", deadlineMs: 10_000, everyMs: 100 }, async () => {
    const { stderr } = await asked("true");
    return stderr.includes("Connection refused") ? { pending: stderr } : { found: true };
  });
}, 300_000);

afterAll(async () => {
  stop();
  await rm(folder, { recursive: true, force: true });
});

const asked = (...command: string[]) =>
  execa(join(ssh, "ssh"), ["-p", String(port), "root@127.0.0.1", ...command], { reject: false, input: "" });

it("reaches the engine, as Docker's own client goes", async () => {
  const env = {
    PATH: `${ssh}${delimiter}${process.env["PATH"]}`,
    DOCKER_HOST: `ssh://root@127.0.0.1:${port}`,
  };
  const { stdout } = await execa("docker", ["version", "--format", "{{.Server.Version}}"], { env });
  const { stdout: here } = await execa("docker", ["version", "--format", "{{.Server.Version}}"]);
  expect(stdout).toBe(here);
});

it("opens no shell, reads no file, and makes no tunnel", async () => {
  expect((await asked("id")).stdout).not.toContain("uid=");
  expect((await asked("cat", "/etc/hostname")).stdout).not.toContain(
    readFileSync("/etc/hostname", "utf8").trim(),
  );
  const { stderr } = await asked("-v", "-W", "127.0.0.1:22");
  expect(stderr).toMatch(/administratively prohibited/);
});

it("goes to no host that is not listed", async () => {
  await writeFile(join(ssh, "known_hosts"), `other ssh-ed25519 ${"A".repeat(68)}\n`);
  expect((await asked("id")).stderr).toContain("Host key verification failed");
});

async function makeKey(name: string): Promise<{ readonly publicKey: string }> {
  await execa("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "", "-f", join(folder, name)]);
  return { publicKey: await readFile(join(folder, `${name}.pub`), "utf8") };
}

async function freePort(): Promise<number> {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
  const address = taken.address();
  await new Promise<void>((resolve) => taken.close(() => resolve()));
  if (typeof address !== "object" || address === null) throw new Error("there is no free port");
  return address.port;
}
