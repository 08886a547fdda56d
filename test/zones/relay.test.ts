import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ensureProgram } from "../../toolchain/apt.ts";
import { type DelayedCable, delayCable } from "./relay.ts";

/** Two hosts on a bridge of their own, so that a lab may stand beside it. */
const bridge = "spy0";
// The bridge takes the lowest hardware address of its ports: that of the cable which the relay takes away from it.
const one = { namespace: "spy-one", cable: "spy1", hardware: "02:00:00:00:98:01", address: "10.63.98.11" };
const other = {
  namespace: "spy-other",
  cable: "spy2",
  hardware: "02:00:00:00:98:02",
  address: "10.63.98.12",
};
const amongHosts = ["--in-interface", bridge, "--out-interface", bridge, "--jump", "ACCEPT"];
type Host = typeof one;

/** What it carries at no delay at the least, bytes a second; on two cores with nothing else to do it is ten times as much. */
const THROUGHPUT = 100e6;

let delayed: DelayedCable;
let echo: Echo;

beforeAll(async () => {
  await ensureProgram("ip", "iproute2", "zones need networks of their own");
  await ensureProgram("python3", "python3", "cables are delayed by a program of it");
  await clear();
  await ip("link", "add", bridge, "type", "bridge");
  await ip("address", "add", "10.63.98.1/24", "dev", bridge);
  await ip("link", "set", bridge, "up");
  await execa("iptables", ["--insert", "FORWARD", ...amongHosts]);
  for (const host of [one, other]) await makeHost(host);
  echo = await startEcho(other);
  delayed = await delayCable({ cable: one.cable, bridge, milliseconds: 0 });
});

afterAll(async () => {
  await delayed?.dispose();
  echo?.stop();
  await clear();
});

describe("a delayed cable", () => {
  it("makes a round trip longer by twice its delay", async () => {
    const base = await roundTrip();
    console.log(`relay: round trip ${base.toFixed(3)} ms at no delay`);
    for (const milliseconds of [1, 2.5, 5]) {
      await delayed.set(milliseconds);
      const added = (await roundTrip()) - base;
      console.log(`relay: ${added.toFixed(3)} ms more at ${milliseconds} ms`);
      expect(Math.abs(added - 2 * milliseconds)).toBeLessThanOrEqual(0.1 * 2 * milliseconds + 0.2);
    }
  });

  it("does so on the way to the machine as well", async () => {
    expect(await attribute(bridge, "address")).toBe(one.hardware);
    await delayed.set(2);
    const echoOfMachine = await startEcho();
    try {
      expect(await roundTrip("10.63.98.1")).toBeGreaterThan(4);
    } finally {
      echoOfMachine.stop();
    }
  });

  it("keeps frames in order while the delay changes", async () => {
    await delayed.set(20);
    const received = receiveNumbers();
    await received.ready;
    const sent = inside(one, SEND_NUMBERS, other.address);
    for (const milliseconds of [0, 10, 0.1, 5, 0]) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      await delayed.set(milliseconds);
    }
    await sent;
    expect(await received.numbers).toEqual(Array.from({ length: 3000 }, (_, number) => number));
  });

  it("carries a stream at no delay, both ways", async () => {
    await delayed.set(0);
    for (const [from, to] of [[one, other] as const, [other, one] as const]) {
      const rate = await throughput(from, to);
      console.log(`relay: ${Math.round(rate / 1e6)} MB/s from ${from.namespace} at no delay`);
      expect(rate).toBeGreaterThan(THROUGHPUT);
    }
  });

  it("carries nothing while it is pulled, and goes on afterwards", async () => {
    await ip("link", "set", one.cable, "down");
    await expect(roundTrip()).rejects.toThrow(/timed out/);
    await ip("link", "set", one.cable, "up");
    await expect.poll(() => roundTrip(), { timeout: 5_000 }).toBeGreaterThan(0);
  });

  it("has one relay", async () => {
    await expect(delayCable({ cable: one.cable, bridge, milliseconds: 1 })).rejects.toThrow(
      /spy1c and spy1d.*busy/,
    );
    expect(await roundTrip()).toBeGreaterThan(0);
  });

  it.each([-1, Number.NaN, 10_001])("is not delayed by %d ms", async (milliseconds) => {
    await expect(delayed.set(milliseconds)).rejects.toThrow(`milliseconds: ${milliseconds} is no delay`);
  });

  it("says so when its relay has ended", async () => {
    await ip("link", "delete", "spy1d");
    await expect(delayed.set(1)).rejects.toThrow(/spy1c and spy1d has ended/);
  });

  it("is as before once the relay is away", async () => {
    await delayed.dispose();
    await delayed.dispose();
    expect(["spy1c", "spy1d"].filter((device) => existsSync(`/sys/class/net/${device}`))).toEqual([]);
    expect(await attribute(bridge, "address")).toBe(one.hardware);
    expect(await roundTrip()).toBeLessThan(1);
  });

  it("carries frames as large as it did", async () => {
    for (const { namespace, cable } of [one, other]) {
      await ip("link", "set", cable, "mtu", "4000");
      await ip("-n", namespace, "link", "set", "eth0", "mtu", "4000");
    }
    delayed = await delayCable({ cable: one.cable, bridge, milliseconds: 1 });
    expect(await attribute(bridge, "mtu")).toBe("4000");
    expect(await roundTrip(other.address, 3900)).toBeGreaterThan(2);
  });
});

async function makeHost({ namespace, cable, hardware, address }: Host): Promise<void> {
  await ip("netns", "add", namespace);
  await ip("link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", namespace);
  await ip("link", "set", cable, "address", hardware, "master", bridge, "up");
  await ip("-n", namespace, "address", "add", `${address}/24`, "dev", "eth0");
  await ip("-n", namespace, "link", "set", "eth0", "up");
}

/** Also what a killed run has left. */
async function clear(): Promise<void> {
  for (const { namespace, cable } of [one, other]) {
    await execa("ip", ["netns", "delete", namespace], { reject: false });
    await execa("ip", ["link", "delete", cable], { reject: false });
  }
  await execa("ip", ["link", "delete", bridge], { reject: false });
  await execa("iptables", ["--delete", "FORWARD", ...amongHosts], { reject: false });
}

interface Echo {
  stop(): void;
}

/** Answers every datagram with the same, on the machine when no host is named; ends when nobody has asked for a while. */
async function startEcho(host?: Host): Promise<Echo> {
  const program = `
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("", 7000)); s.settimeout(30); print("ready", flush=True)
while True: s.sendto(*s.recvfrom(65536))
`;
  const child =
    host === undefined ? execa("python3", ["-c", program], { reject: false }) : inside(host, program);
  await new Promise((resolve) => child.stdout.once("data", resolve));
  return { stop: () => void child.kill() };
}

/** The median of 200 with datagrams of so many bytes that are not broken up, milliseconds. */
async function roundTrip(to = other.address, bytes = 64): Promise<number> {
  const program = `
import socket, statistics, sys, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.settimeout(1)
s.setsockopt(socket.IPPROTO_IP, 10, 2) # IP_MTU_DISCOVER, IP_PMTUDISC_DO
def once():
    began = time.perf_counter(); s.sendto(bytes(int(sys.argv[2])), (sys.argv[1], 7000)); s.recv(65536)
    return (time.perf_counter() - began) * 1000
once(); print(statistics.median(once() for _ in range(200)))
`;
  const { stdout, stderr, failed } = await inside(one, program, to, String(bytes));
  if (failed) throw new Error(stderr.split("\n").at(-1));
  return Number(stdout);
}

/** 3000 of them in some 0.6 s. */
const SEND_NUMBERS = `
import socket, sys, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for number in range(3000): s.sendto(str(number).encode(), (sys.argv[1], 7001)); time.sleep(0.0002)
`;

function receiveNumbers() {
  const program = `
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("", 7001)); s.settimeout(2)
s.setsockopt(socket.SOL_SOCKET, 33, 8 << 20) # SO_RCVBUFFORCE: what is lost, the relay has lost
print("ready", flush=True)
for _ in range(3000): print(s.recv(16).decode())
`;
  const child = inside(other, program);
  return {
    ready: new Promise((resolve) => child.stdout.once("data", resolve)),
    numbers: child.then(({ stdout }) => stdout.split("\n").slice(1).map(Number)),
  };
}

/** Bytes a second, as received over a second and a half. */
async function throughput(from: Host, to: Host): Promise<number> {
  const receive = `
import socket, time
listener = socket.create_server(("", 7002)); print("ready", flush=True)
s = listener.accept()[0]; began = time.perf_counter(); total = 0
while read := len(s.recv(1 << 20)): total += read
print(total / (time.perf_counter() - began))
`;
  const send = `
import socket, sys, time
s = socket.create_connection((sys.argv[1], 7002)); end = time.monotonic() + 1.5
while time.monotonic() < end: s.sendall(bytes(1 << 17))
`;
  const receiver = inside(to, receive);
  await new Promise((resolve) => receiver.stdout.once("data", resolve));
  await inside(from, send, to.address);
  return Number((await receiver).stdout.split("\n")[1]);
}

/** Before whatever else keeps the machine busy: what is measured is the relay, not how long the program waits its turn. */
function inside({ namespace }: Host, program: string, ...words: string[]) {
  const enter = ["-n", "-20", "nsenter", `--net=/run/netns/${namespace}`];
  return execa("nice", [...enter, "python3", "-c", program, ...words], { reject: false });
}

async function ip(...args: string[]): Promise<void> {
  await execa("ip", args);
}

async function attribute(device: string, name: "address" | "mtu"): Promise<string> {
  return (await readFile(`/sys/class/net/${device}/${name}`, "utf8")).trim();
}
