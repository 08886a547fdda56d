import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { ensureProgram } from "../../toolchain/apt.ts";

export interface CableDelay {
  /** The machine's end of a zone's cable, at most 14 characters. */
  readonly cable: string;
  /** The bridge that it is plugged into. */
  readonly bridge: string;
  /** One way, so that a round trip takes twice as much longer; 0–10000, a fraction may be. */
  readonly milliseconds: number;
}

export interface DelayedCable {
  /** The delay from now on; frames under way keep theirs, and none overtakes another. */
  set(milliseconds: number): Promise<void>;
  /** Plugs the cable into the bridge again, as before. What is under way is lost. */
  dispose(): Promise<void>;
}

/**
 * Puts a relay between a cable and its bridge, which carries each frame some time later, in both directions. Of its own
 * it adds some 0.1 ms to a round trip. Its two devices are named after the cable, with `c` towards the cable and `d`
 * towards the bridge, and go when it ends; it ends with this process.
 *
 * @throws Error when the cable has a relay already, RangeError for a delay that is none.
 */
export async function delayCable({ cable, bridge, milliseconds }: CableDelay): Promise<DelayedCable> {
  await ensureProgram("python3", "python3", "cables are delayed by a program of it");
  const delay = asLine(milliseconds);
  const relay = await startRelay(`${cable}c`, `${cable}d`);
  let removed: Promise<void> | undefined;
  const remove = async () => {
    await relay.end();
    await plugIn(cable, bridge);
  };
  const dispose = () => {
    removed ??= remove();
    return removed;
  };
  try {
    await insertRelay(cable, bridge);
    await relay.say(delay);
  } catch (error) {
    await dispose();
    throw error;
  }
  return { set: async (other) => relay.say(asLine(other)), dispose };
}

function asLine(milliseconds: number): string {
  if (milliseconds >= 0 && milliseconds <= 10_000) return milliseconds.toFixed(3);
  throw new RangeError(`milliseconds: ${milliseconds} is no delay of a cable; give 0 to 10000`);
}

interface Relay {
  /** Resolves when it is in force. */
  say(line: string): Promise<void>;
  end(): Promise<void>;
}

async function startRelay(...devices: readonly [string, string]): Promise<Relay> {
  const program = fileURLToPath(new URL("relay.py", import.meta.url));
  const child = execa("python3", [program, ...devices], { reject: false });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const answered = async () => {
    const { done } = await lines.next();
    if (done !== true) return;
    const { stderr } = await child;
    throw new Error(`the relay between ${devices.join(" and ")} has ended: ${stderr.split("\n").at(-1)}`);
  };
  await answered();
  return {
    say: async (line) => {
      child.stdin.write(`${line}\n`);
      await answered();
    },
    end: async () => {
      child.kill();
      await child;
    },
  };
}

async function insertRelay(cable: string, bridge: string): Promise<void> {
  const [towardsCable, towardsBridge] = [`${cable}c`, `${cable}d`];
  // A smaller one would become the bridge's as well.
  const mtu = await attribute(cable, "mtu");
  for (const device of [towardsCable, towardsBridge]) {
    await execa("ip", ["link", "set", device, "mtu", mtu, "txqueuelen", "10000"]);
  }
  // A bridge takes its address from its ports, until it is given one: the zones would have to find the machine again.
  await execa("ip", ["link", "set", bridge, "address", await attribute(bridge, "address")]);
  await execa("ip", ["link", "set", towardsBridge, "master", bridge, "up"]);
  await execa("ip", ["link", "set", towardsCable, "up"]);
  await redirect(towardsCable, cable);
  await redirect(cable, towardsCable);
  await execa("ip", ["link", "set", cable, "nomaster"]);
}

/** Whatever comes out of one device goes into the other, past everything of the machine's own. */
async function redirect(from: string, to: string): Promise<void> {
  await execa("tc", ["qdisc", "add", "dev", from, "ingress"]);
  const all = ["protocol", "all", "u32", "match", "u32", "0", "0"];
  const action = ["action", "mirred", "egress", "redirect", "dev", to];
  await execa("tc", ["filter", "add", "dev", from, "parent", "ffff:", ...all, ...action]);
}

async function plugIn(cable: string, bridge: string): Promise<void> {
  // With its zone, the cable has gone.
  if (!existsSync(`/sys/class/net/${cable}`)) return;
  // There is none yet when the relay could not be put in.
  await execa("tc", ["qdisc", "delete", "dev", cable, "ingress"], { reject: false });
  await execa("ip", ["link", "set", cable, "master", bridge]);
}

async function attribute(device: string, name: "address" | "mtu"): Promise<string> {
  return (await readFile(`/sys/class/net/${device}/${name}`, "utf8")).trim();
}
