/**
 * An engine is named everywhere by one text: the address that the docker provider takes, and behind it where the
 * certificates are that it is reached with, `tcp://10.1.0.10:2376?certificates=%2Fetc%2Fdocker%2Fclient`; or by what its
 * host is reached, `ssh://admin@10.90.7.11?way=ssh%3A%2F%2Fops%40bastion%3A22`.
 */

/** The engine of this machine, where nothing names another one. */
export const ownEngine = "unix:///var/run/docker.sock";

/** Such a text, taken apart. */
export type EngineAddress =
  | { readonly by: "unix"; readonly socket: string }
  | {
      readonly by: "tcp";
      /** IPv6 in brackets. */
      readonly host: string;
      readonly port: number;
      /** A folder with ca.pem, cert.pem and key.pem. Without it there is no TLS. */
      readonly certificates?: string;
    }
  | {
      readonly by: "ssh";
      /** As ssh takes it: it may be an alias of the user's configuration. IPv6 without brackets. */
      readonly host: string;
      readonly user?: string;
      readonly port?: number;
      /** The engine's socket over there. @default what `docker` uses there */
      readonly socket?: string;
      /** Of `cluster/placement/way.ts`. @default directly */
      readonly way?: string;
    };

/**
 * The text for an engine.
 *
 * @param host as the docker provider takes it: `unix://`, `tcp://` or `ssh://`.
 * @param certificates a folder; only `tcp://` makes use of it.
 */
export function engineAddress(host: string, certificates?: string): string {
  if (certificates === undefined || !host.startsWith("tcp://")) return host;
  return `${host}?certificates=${encodeURIComponent(certificates)}`;
}

/** Parts with their engines, when these are reached by a way. Only `ssh://` makes use of it. */
export function enginesBy<T extends { readonly engine: string }>(
  way: string | undefined,
  parts: readonly T[],
): readonly T[] {
  return parts.map((part) => ({ ...part, engine: engineBy(way, part.engine) }));
}

/** The same for one engine. */
export function engineBy(way: string | undefined, engine: string): string {
  if (way === undefined || !engine.startsWith("ssh://")) return engine;
  return `${engine}?way=${encodeURIComponent(way)}`;
}

/** Whether two texts name one engine. As whom, and with which certificates it is reached, makes no other one of it. */
export function isSameEngine(left: string, right: string): boolean {
  const [one, other] = [parseEngineAddress(left), parseEngineAddress(right)];
  if (one === undefined || other === undefined) return left === right;
  return placeOf(one) === placeOf(other);
}

function placeOf(address: EngineAddress): string {
  switch (address.by) {
    case "unix":
      return `unix ${address.socket}`;
    case "tcp":
      return `tcp ${address.host} ${address.port}`;
    case "ssh":
      return `ssh ${address.host} ${address.port ?? 22} ${address.socket ?? ""} ${address.way ?? ""}`;
  }
}

/** @returns undefined for a text that names no engine. */
export function parseEngineAddress(text: string): EngineAddress | undefined {
  // A path is taken as it is written, with whatever a URL would give a meaning to.
  const [, socket] = /^unix:\/\/(\/.+)$/.exec(text) ?? [];
  if (socket !== undefined) return { by: "unix", socket };
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (url.hostname === "") return undefined;
  if (url.protocol === "tcp:") return tcpAddress(url);
  return url.protocol === "ssh:" ? sshAddress(url) : undefined;
}

function tcpAddress({ hostname, port, pathname, searchParams }: URL): EngineAddress | undefined {
  if (pathname !== "" && pathname !== "/") return undefined;
  const certificates = searchParams.get("certificates") ?? undefined;
  const usual = certificates === undefined ? 2375 : 2376;
  return {
    by: "tcp",
    host: hostname,
    port: port === "" ? usual : Number(port),
    ...(certificates === undefined ? {} : { certificates }),
  };
}

function sshAddress({ hostname, username, port, pathname, searchParams }: URL): EngineAddress {
  const way = searchParams.get("way");
  return {
    by: "ssh",
    host: hostname.replace(/^\[(.*)\]$/, "$1"),
    ...(username === "" ? {} : { user: username }),
    ...(port === "" ? {} : { port: Number(port) }),
    ...(pathname.length > 1 ? { socket: pathname } : {}),
    ...(way === null ? {} : { way }),
  };
}
