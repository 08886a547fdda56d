import { readFile } from "node:fs/promises";
import { join } from "node:path";
import Docker from "dockerode";
import { execa } from "execa";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { containerExec } from "../../actions/engine/container-exec.ts";
import { engineClient } from "../../actions/engine/engine-client.ts";
import { engineAddress } from "../../cluster/placement/engine-address.ts";
import { ensureProgram } from "../../toolchain/apt.ts";
import { type Lab, makeLab, type Zone } from "../../toolchain/zones/lab.ts";
import { ensureTinyImage } from "../conformance/tiny-image.ts";

/** What the tests of zones rely on: that a fault is the fault that it is called. */
const MINUTE = 60_000;

let lab: Lab;
let one: Zone;
let other: Zone;

beforeAll(async () => {
  await ensureProgram("python3", "python3", "what befalls a zone is seen by small programs of it");
  lab = await makeLab([
    { name: "one", reach: "tls" },
    { name: "other", reach: "ssh" },
  ]);
  [one, other] = lab.zones as [Zone, Zone];
}, 2 * MINUTE);

afterEach(() => {
  vi.unstubAllEnvs();
});

afterAll(async () => {
  await lab?.dispose();
}, MINUTE);

describe("a zone", () => {
  it("has an engine of its own, and reaches the others", async () => {
    const [mine, theirs] = await Promise.all([one.engine.docker.info(), other.engine.docker.info()]);
    expect(mine.DockerRootDir).not.toBe(theirs.DockerRootDir);
    expect(await reaches(one, other)).toBe(true);
  });

  it("reaches nobody and is reached by nobody when it is cut off", async () => {
    await one.cut();
    expect(await reaches(one, other)).toBe(false);
    expect(await reaches(other, one)).toBe(false);
    await one.mend();
    await expect.poll(() => reaches(one, other), { timeout: 10_000 }).toBe(true);
  });

  it("hears and is not heard when what leaves it is lost", async () => {
    const heard = hears(one);
    await heard.ready;
    await one.loseOutgoing();
    await sends(other, one);
    expect(await heard.text).toBe("heard");
    expect(await reaches(one, other)).toBe(false);
    await one.keepOutgoing();
    await expect.poll(() => reaches(one, other), { timeout: 10_000 }).toBe(true);
  });

  it("answers nobody while it is frozen, and goes on afterwards", async () => {
    await one.freeze();
    const answer = one.engine.docker.listContainers({ abortSignal: AbortSignal.timeout(1_000) });
    await expect(answer).rejects.toThrow();
    await one.thaw();
    expect(String(await one.engine.docker.ping())).toBe("OK");
  });

  it("is gone when it is killed, and keeps its disks", { timeout: MINUTE }, async () => {
    await one.engine.docker.createVolume({ Name: "kept" });
    await one.kill();
    await expect(one.engine.docker.ping()).rejects.toThrow();
    await one.start();
    const { Volumes } = await one.engine.docker.listVolumes();
    expect(Volumes.map(({ Name }) => Name)).toContain("kept");
  });
});

describe("the engine of a zone", () => {
  beforeAll(async () => {
    await Promise.all([one, other].map(startIdle));
  }, MINUTE);

  it.each([
    ["over TLS", () => one],
    ["through ssh", () => other],
  ])("does %s what it does at its socket", async (_way, zoneOf) => {
    const zone = zoneOf();
    vi.stubEnv("PATH", `${lab.path}:${process.env["PATH"]}`);
    const engine = engineAddress(zone.host, zone.certificates);
    const containers = await (await engineClient(engine)).listContainers();
    expect(containers.map(({ Names }) => Names)).toEqual([["/idle"]]);
    const exec = containerExec(engine);
    const options = { user: "0", timeoutMs: 10_000 };
    const told = await exec("idle", ["sh", "-c", "echo out; echo err >&2; exit 3"], options);
    expect(told).toEqual({ exitCode: 3, output: "out\n", errors: "err\n" });
    const input = "0123456789abcde\n".repeat(65_536);
    const echoed = await exec("idle", ["cat"], { ...options, input });
    expect(echoed.output === input).toBe(true);
  });

  it("is left by every ssh, whether a request was answered or given up", async () => {
    vi.stubEnv("PATH", `${lab.path}:${process.env["PATH"]}`);
    const exec = containerExec(other.host);
    const given = exec("idle", ["sleep", "600"], { user: "0", timeoutMs: 2_000 });
    const refused = expect(given).rejects.toThrow("not done within 2 s");
    await expect.poll(sshProcesses).not.toEqual([]);
    await refused;
    await expect.poll(sshProcesses).toEqual([]);
  });

  it("does not answer over TLS without a certificate, nor without TLS", async () => {
    const { certificates = "", address } = one;
    const ca = await readFile(join(certificates, "ca.pem"), "utf8");
    const bare = new Docker({ protocol: "https", host: address, port: 2376, ca });
    await expect(bare.ping()).rejects.toThrow(/bad certificate|certificate required/);
    await expect((await engineClient(one.host)).ping()).rejects.toThrow(/HTTP request to an HTTPS server/);
  });

  it("does not answer through an ssh without the lab's key, which says why", async () => {
    await expect((await engineClient(other.host)).ping()).rejects.toThrow(
      `ssh ${other.address}: Host key verification failed.`,
    );
  });

  it("answers through ssh again when its zone was killed and started", { timeout: MINUTE }, async () => {
    vi.stubEnv("PATH", `${lab.path}:${process.env["PATH"]}`);
    const engine = await engineClient(other.host);
    await other.kill();
    await expect(engine.ping()).rejects.toThrow(/Connection refused/);
    await other.start();
    expect(String(await engine.ping())).toBe("OK");
  });
});

/** Runs a container that does nothing, of an image that the zone's engine is given. */
async function startIdle({ engine: { docker } }: Zone): Promise<void> {
  const machine = new Docker();
  const image = await ensureTinyImage(machine);
  const loading = await docker.loadImage(await machine.getImage(image).get());
  for await (const _line of loading);
  const host = { NetworkMode: "host", Init: true };
  const idle = await docker.createContainer({
    name: "idle",
    Image: image,
    Cmd: ["sleep", "600"],
    HostConfig: host,
  });
  await idle.start();
}

/** Those that this process has started and that have not ended. */
async function sshProcesses(): Promise<readonly string[]> {
  const { pid } = process;
  const children = (await readFile(`/proc/${pid}/task/${pid}/children`, "utf8")).split(" ").filter(Boolean);
  const names = children.map((child) => readFile(`/proc/${child}/comm`, "utf8").catch(() => ""));
  return (await Promise.all(names)).filter((name) => name.startsWith("ssh\n"));
}

/** Whether a connection is answered; a refusal is an answer. */
async function reaches(from: Zone, to: Zone): Promise<boolean> {
  const program = `
import socket, sys
s = socket.socket(); s.settimeout(1)
try: s.connect((sys.argv[1], 9))
except ConnectionRefusedError: sys.exit(0)
except OSError: sys.exit(1)
`;
  const ended = await inside(from, program, to.address);
  return ended.exitCode === 0;
}

/** Waits for a datagram. */
function hears(zone: Zone): { readonly ready: Promise<void>; readonly text: Promise<string> } {
  const program = `
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.settimeout(10)
s.bind(("", 7777)); print("ready", flush=True); print(s.recv(16).decode(), flush=True)
`;
  const child = inside(zone, program);
  const lines = child.stdout;
  return {
    ready: new Promise((resolve) => lines.once("data", () => resolve())),
    text: child.then(({ stdout }) => stdout.split("\n")[1] ?? ""),
  };
}

async function sends(from: Zone, to: Zone): Promise<void> {
  const program = `
import socket, sys
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"heard", (sys.argv[1], 7777))
`;
  await inside(from, program, to.address);
}

function inside({ enter: [command, ...args] }: Zone, program: string, ...words: string[]) {
  return execa(command, [...args, "python3", "-c", program, ...words], { reject: false });
}
