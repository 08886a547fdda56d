import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Lab, makeLab, type Zone } from "./lab.ts";

/** What the tests of zones rely on: that a fault is the fault that it is called. */
const MINUTE = 60_000;

let lab: Lab;
let one: Zone;
let other: Zone;

beforeAll(async () => {
  lab = await makeLab(["one", "other"]);
  [one, other] = lab.zones as [Zone, Zone];
}, 2 * MINUTE);

afterAll(async () => {
  await lab.dispose();
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
