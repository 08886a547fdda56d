import { spawn } from "node:child_process";
import { connect } from "node:net";
import type { Duplex } from "node:stream";
import { pipesOf } from "../engine/process-pipes.ts";
import { systemClock } from "../wait.ts";
import { type OpenWay, openWay } from "./open-way.ts";

/** Where somebody is reached. */
export interface Place {
  readonly host: string;
  readonly port: number;
  /** By what: `cluster/placement/way.ts`. @default directly */
  readonly way?: string | undefined;
}

/**
 * Begins a connection: `connect` comes when it may be written to, `error` when it does not come about. By a way, both
 * may be: whether anybody listens at its other end is known a moment later.
 *
 * @throws ActionError `unreachable` when the way cannot be had.
 */
export async function connectTo({ host, port, way }: Place): Promise<Duplex> {
  return way === undefined ? connect({ host, port }) : streamThrough(await openWay(way), host, port);
}

/** As much of a socket as a client of PostgreSQL asks for. */
interface SocketLike extends Duplex {
  connect(): void;
  setNoDelay(): void;
  setKeepAlive(): void;
  ref(): void;
  unref(): void;
}

/** A connection through an open way, which says `connect` by itself. */
export function streamThrough(way: OpenWay, host: string, port: number): Duplex {
  const stream = pipesThrough(way, host, port);
  setImmediate(() => stream.emit("connect"));
  return stream;
}

/** The same for a client that connects its socket itself. */
export function socketThrough(way: OpenWay, host: string, port: number): SocketLike {
  const stream = pipesThrough(way, host, port);
  const nothing = () => undefined;
  return Object.assign(stream, {
    connect: () => void setImmediate(() => stream.emit("connect")),
    ...{ setNoDelay: nothing, setKeepAlive: nothing, ref: nothing, unref: nothing },
  });
}

function pipesThrough(way: OpenWay, host: string, port: number): Duplex {
  const target = host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
  const child = spawn("ssh", [...sharing(way), "-W", target, "--", "way"], { detached: true });
  return pipesOf(child, `through aws.reach to ${target}`, (failure) => reasonFor(way, failure));
}

/** How long a reason may be on its way by which the connection that was refused is known to have been. */
const REASON_MS = 200;

/** The other end tells its reason to the login that is shared, not to the connection that it is for. */
async function reasonFor(way: OpenWay, failure: string): Promise<string> {
  for (let waited = 0; waited < REASON_MS; waited += 20) {
    const reason = way.nextRefusal();
    if (reason !== undefined) return reason;
    await systemClock.sleep(20);
  }
  return failure;
}

/** Of an ssh that shares the way's connection, and makes none of its own when that has gone. */
function sharing({ socket }: OpenWay): readonly string[] {
  return ["-F", "none", "-S", socket, "-o", "ControlMaster=no", "-o", "ProxyCommand=false"];
}

/** The same as the command by which another ssh gets to its host. */
export function sharingCommand(way: OpenWay): string {
  return ["ssh", ...sharing(way), "-W", "%h:%p", "--", "way"].map(quoted).join(" ");
}

function quoted(word: string): string {
  return /^[\w@%:=,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
