import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { execa } from "execa";
import type { ClusterAccess } from "../../actions/access.ts";
import { ensureProgram } from "../../toolchain/apt.ts";

/** What stands in a network that this machine has no way into. */
export interface Inside {
  readonly access: ClusterAccess;
  readonly members: readonly { readonly name: string; readonly restUrl: string }[];
  readonly etcd: string;
  /** One lets everybody in, the other has a certificate of a CA that nobody trusts. */
  readonly postgres: number;
  readonly strange: number;
}

/** That of a machine in there, which has an engine. */
export const machine = "10.99.7.11";

/**
 * A network of its own with servers in it, and two doors: a bastion that listens here, and a program `aws` whose sessions
 * lead to an sshd in there. `ssh` and `aws` are found by `PATH` and know nothing of the user's own.
 */
export class Behind {
  readonly folder: string;
  inside: Inside | undefined;
  /** How often somebody came to the bastion. */
  visits = 0;
  private readonly children: ChildProcess[] = [];
  private readonly visitors = new Set<Socket>();
  private readonly path = process.env["PATH"] ?? "";
  private namespace = "";
  private door: Server | undefined;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async make(): Promise<Behind> {
    await ensureProgram("sshd", "openssh-server", "a bastion is one");
    const behind = new Behind(await mkdtemp(join(tmpdir(), "spilo-behind-")));
    const holder = behind.child("unshare", ["--net", "sh", "-c", "echo there; exec sleep infinity"]);
    await once(holder.stdout ?? holder, "data");
    behind.namespace = String(holder.pid);
    await behind.enter("ip", "link", "set", "lo", "up");
    await behind.enter("ip", "address", "add", `${machine}/32`, "dev", "lo");
    await behind.prepareSsh();
    await behind.startServers();
    return behind;
  }

  /** Of its bastion. */
  get way(): string {
    return `ssh://root@127.0.0.1:${this.port}`;
  }

  get port(): number {
    const address = this.door?.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  }

  /** @param port the one that it had before. @default a free one */
  async openDoor(port = 0): Promise<void> {
    const door = createServer((socket) => {
      this.visits += 1;
      this.visitors.add(socket);
      const server = spawn("nsenter", this.sshd(), { stdio: ["pipe", "pipe", "ignore"] });
      socket.pipe(server.stdin);
      server.stdout.pipe(socket);
      for (const stream of [socket, server.stdin, server.stdout]) stream.on("error", () => undefined);
      socket.once("close", () => server.kill());
      server.once("exit", () => socket.destroy());
    });
    await new Promise<void>((resolve) => door.listen(port, "127.0.0.1", resolve));
    this.door = door;
    const key = (await readFile(join(this.folder, "host_key.pub"), "utf8")).trim();
    const known = [`[127.0.0.1]:${this.port} ${key}`, `${machine} ${key}`];
    await writeFile(join(this.folder, "known_hosts"), `${known.join("\n")}\n`);
  }

  /** Nobody comes in any more, and who is in is thrown out. */
  async shutDoor(): Promise<void> {
    for (const socket of this.visitors) socket.destroy();
    this.visitors.clear();
    await new Promise<void>((resolve) =>
      this.door === undefined ? resolve() : this.door.close(() => resolve()),
    );
  }

  /**
   * A program `aws` that knows these machines, and notes what it is asked.
   *
   * @param dead of which there is no session.
   */
  async installAws(
    machines: readonly (readonly [string, string])[],
    dead: readonly string[] = [],
  ): Promise<void> {
    const script = [
      "#!/bin/sh",
      `echo "$*" >> ${join(this.folder, "asked")}`,
      `case "$1 $2" in`,
      `"ec2 describe-instances") cat ${join(this.folder, "machines")} ;;`,
      `"ssm start-session")`,
      `  case "$4" in ${["none", ...dead].join("|")}) echo "TargetNotConnected: $4 is not connected." >&2; exit 254;; esac`,
      `  exec nsenter ${this.sshd().join(" ")} 2>/dev/null ;;`,
      `*) echo "what is $1 $2?" >&2; exit 252 ;;`,
      "esac",
    ];
    await writeFile(join(this.folder, "machines"), JSON.stringify(machines));
    await writeFile(join(this.folder, "asked"), "");
    await writeFile(join(this.folder, "bin", "aws"), `${script.join("\n")}\n`, { mode: 0o755 });
  }

  /** What `aws` was asked, a line each. */
  async asked(): Promise<readonly string[]> {
    return (await readFile(join(this.folder, "asked"), "utf8")).trim().split("\n");
  }

  async dispose(): Promise<void> {
    process.env["PATH"] = this.path;
    await this.shutDoor();
    for (const child of this.children) child.kill("SIGKILL");
    await rm(this.folder, { recursive: true, force: true });
  }

  private sshd(): string[] {
    return [...this.entering(), "/usr/sbin/sshd", "-i", "-f", join(this.folder, "sshd_config")];
  }

  private async prepareSsh(): Promise<void> {
    const file = (name: string) => join(this.folder, name);
    for (const key of ["host_key", "user_key"]) {
      await execa("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", file(key)]);
    }
    const server = [
      ...[
        `HostKey ${file("host_key")}`,
        `AuthorizedKeysFile ${file("user_key.pub")}`,
        `ListenAddress ${machine}:22`,
      ],
      ...["StrictModes no", "UsePAM no", "PidFile none", "PermitRootLogin prohibit-password"],
      ...["PasswordAuthentication no", "KbdInteractiveAuthentication no", "MaxStartups 100"],
    ];
    const client = [
      ...["Host *", `IdentityFile ${file("user_key")}`, "IdentitiesOnly yes"],
      ...[`UserKnownHostsFile ${file("known_hosts")}`, "GlobalKnownHostsFile /dev/null"],
    ];
    await writeFile(file("sshd_config"), `${server.join("\n")}\n`);
    await writeFile(file("config"), `${client.join("\n")}\n`);
    await mkdir(file("bin"));
    const ssh = `#!/bin/sh\nexec /usr/bin/ssh -F ${file("config")} "$@"\n`;
    await writeFile(file("bin/ssh"), ssh, { mode: 0o755 });
    process.env["PATH"] = [file("bin"), this.path].join(delimiter);
    await mkdir("/run/sshd", { recursive: true });
    const daemon = this.child("nsenter", [
      ...[...this.entering(), "/usr/sbin/sshd", "-D", "-e", "-f", file("sshd_config")],
    ]);
    await once(daemon.stderr ?? daemon, "data");
  }

  private async startServers(): Promise<void> {
    const program = join(import.meta.dirname, "servers-behind.ts");
    const servers = this.child("nsenter", [
      ...[...this.entering(), process.execPath, "--import", "tsx", program],
    ]);
    const [said] = await once(servers.stdout ?? servers, "data");
    this.inside = JSON.parse(String(said));
  }

  private entering(): string[] {
    return ["--target", this.namespace, "--net"];
  }

  private async enter(...command: string[]): Promise<void> {
    await execa("nsenter", [...this.entering(), ...command]);
  }

  private child(command: string, args: readonly string[]): ChildProcess {
    const child = spawn(command, [...args], { stdio: ["ignore", "pipe", "pipe"] });
    this.children.push(child);
    return child;
  }
}
