import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseWay, type Way } from "../../cluster/placement/way.ts";
import { ActionError, reasonOf } from "../action-error.ts";
import { systemClock } from "../wait.ts";
import { type Hop, hopsOf } from "./hops.ts";

/** A connection that stands: what else is to go through it asks for it by its socket. */
export interface OpenWay {
  /** Of ssh, for those that share its connection; in a folder that nobody else may look into. */
  readonly socket: string;
  /** Why a connection through it did not come about, as the other end says: each reason once, the oldest first. */
  nextRefusal(): string | undefined;
}

/** One hop: TCP, host key, login. A session of Systems Manager alone takes some seconds. */
const HOP_MS = 20_000;
/** How long whoever asks next is told the same, instead of trying again. */
const REMEMBERED_MS = 5_000;

const ways = new Map<string, Promise<OpenWay>>();

/**
 * The connection that a way stands for: one for a process, opened by whoever needs it first and opened anew when it has
 * ended. It ends with the process, however that ends.
 *
 * @param text `cluster/placement/way.ts`.
 * @throws ActionError `unreachable` with what was tried and what to do.
 */
export function openWay(text: string): Promise<OpenWay> {
  const known = ways.get(text);
  if (known !== undefined) return known;
  const forget = () => {
    if (ways.get(text) === opening) ways.delete(text);
  };
  const opening = open(text, forget);
  ways.set(text, opening);
  opening.catch(() => setTimeout(forget, REMEMBERED_MS).unref());
  return opening;
}

/**
 * Opens what is reached by a way, before a question whose own time would not do.
 *
 * @throws what `openWay` does.
 */
export async function wayIsOpen({ way }: { readonly way?: string | undefined }): Promise<void> {
  if (way !== undefined) await openWay(way);
}

async function open(text: string, ended: () => void): Promise<OpenWay> {
  const way = parseWay(text);
  if (way === undefined) throw new ActionError("failed", `${text} names no way to a cluster`);
  const tried: string[] = [];
  try {
    for (const hop of await hopsOf(way)) {
      try {
        return await throughHop(hop, ended);
      } catch (error) {
        tried.push(`${hop.name}: ${reasonOf(error)}`);
      }
    }
  } catch (error) {
    tried.push(reasonOf(error));
  }
  throw new ActionError("unreachable", `${nameOf(way)} cannot be had: ${tried.join("; ")}: ${remedyOf(way)}`);
}

/** As the specification calls it. */
function nameOf(way: Way): string {
  if (way.by === "ssh") return `aws.reach: the bastion ${way.user}@${way.host}:${way.port}`;
  return `aws.reach: a session of Systems Manager in ${way.region}`;
}

function remedyOf(way: Way): string {
  if (way.by === "ssh") {
    const login = `ssh -p ${way.port} ${way.user}@${way.host}`;
    return `see that \`${login}\` logs in from here without a question, its host key known and a key in the agent`;
  }
  return "see that `aws ssm start-session` to it works from here, and that the agent has the key of aws.keyPair";
}

/**
 * Has ssh log in, and stay. A shell holds it that ends it as soon as nobody holds the other end of its pipe: so it does
 * not outlive a process that was killed. It has a session of its own: who interrupts an action does not interrupt that.
 */
async function throughHop(hop: Hop, ended: () => void): Promise<OpenWay> {
  const folder = mkdtempSync(join(tmpdir(), "spilo-way-"));
  const socket = join(folder, "s");
  const child = spawn("sh", ["-c", holding, folder, "ssh", ...hopArguments(hop, socket)], {
    detached: true,
    stdio: ["ignore", "ignore", "pipe", "pipe"],
  });
  const said = new LastWords(child);
  unreferenced(child);
  const way = await standing(child, { socket, nextRefusal: () => said.refusal() }, said);
  child.once("exit", ended);
  if (child.exitCode !== null) ended();
  return way;
}

/** $0 is the folder. A program in the background reads nothing; what it is held by is the third descriptor. */
const holding = [
  '"$@" 3<&- & way=$!',
  "{ read -r _ <&3; kill $way; } 2>/dev/null & watch=$!",
  "wait $way; status=$?",
  'kill $watch 2>/dev/null; rm -rf -- "$0"; exit $status',
].join("\n");

function hopArguments({ host, user, port, options }: Hop, socket: string): readonly string[] {
  const settings = {
    // Nobody is there to be asked for anything.
    BatchMode: "yes",
    ConnectTimeout: "10",
    // A machine that is replaced says nothing when it goes: after a quarter of a minute, another one is tried.
    ServerAliveInterval: "5",
    ServerAliveCountMax: "3",
    // Of what the user has set for shells, nothing is wanted here.
    ClearAllForwardings: "yes",
    ForwardAgent: "no",
    RemoteCommand: "none",
    ControlMaster: "yes",
    ControlPersist: "no",
    StrictHostKeyChecking: "yes",
    ...options,
  };
  return [
    ...["-N", "-T", "-S", socket],
    ...Object.entries(settings).flatMap(([key, value]) => ["-o", `${key}=${value}`]),
    ...["-l", user, "-p", String(port), "--", host],
  ];
}

/** It stands when ssh has made its socket, which it does when it has logged in. */
async function standing(child: ChildProcess, way: OpenWay, said: LastWords): Promise<OpenWay> {
  const end = systemClock.now() + HOP_MS;
  let failure: string | undefined;
  child.once("error", (error) => {
    failure = reasonOf(error);
  });
  child.once("close", (code, signal) => {
    failure ??= said.last() ?? `ssh ended with ${signal ?? code}`;
  });
  for (;;) {
    if (failure !== undefined) throw new Error(failure);
    if (existsSync(way.socket)) return way;
    if (systemClock.now() > end) {
      child.stdio[3]?.destroy();
      throw new Error(said.last() ?? `no login within ${HOP_MS / 1000} s`);
    }
    await systemClock.sleep(20);
  }
}

/** Nothing of it keeps this process from ending. */
function unreferenced(child: ChildProcess): void {
  child.unref();
  for (const pipe of child.stdio) {
    if (pipe !== null && pipe !== undefined && "unref" in pipe && typeof pipe.unref === "function") {
      pipe.unref();
    }
  }
}

/** How long a reason is anybody's. */
const REFUSAL_MS = 2_000;

/** What ssh says of itself, and of each connection that it could not pass on. */
class LastWords {
  private text = "";
  private refusals: { readonly reason: string; readonly at: number }[] = [];

  constructor({ stderr }: ChildProcess) {
    stderr?.on("data", (chunk: Buffer) => {
      const text = chunk.toString("utf8");
      this.text = (this.text + text).slice(-4096);
      for (const [, reason = ""] of text.matchAll(
        /channel \d+: open failed: (?:connect failed: )?([^\r\n]+)/g,
      )) {
        this.refusals.push({ reason, at: systemClock.now() });
      }
    });
  }

  last(): string | undefined {
    return this.text.trim().split(/\r?\n/).at(-1) || undefined;
  }

  refusal(): string | undefined {
    // One that nobody has asked for is of a connection that was given up.
    this.refusals = this.refusals.filter(({ at }) => systemClock.now() - at < REFUSAL_MS);
    return this.refusals.shift()?.reason;
  }
}
