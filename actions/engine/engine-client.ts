import { Agent } from "node:http";
import { Agent as TlsAgent } from "node:https";
import type Docker from "dockerode";
import { type EngineAddress, parseEngineAddress } from "../../cluster/placement/engine-address.ts";
import { ActionError } from "../action-error.ts";
import { clientCertificates } from "./client-certificates.ts";
import { sshAgent } from "./ssh-agent.ts";

/**
 * A client of one engine. The library is loaded with the first of them, so that a preview does not pay for it.
 *
 * @param engine as the docker provider takes it: `unix:///…`, `tcp://host:port` or
 *   `ssh://[user@]host[:port][/path/of/docker.sock]`; with TLS, the folder with its certificates behind it.
 * @throws ActionError `failed` when it names no engine, or a certificate cannot be read; `unreachable` when the way to it
 *   cannot be had.
 * @see cluster/placement/engine-address.ts
 */
export async function engineClient(engine: string): Promise<Docker> {
  const address = parseEngineAddress(engine);
  if (address === undefined) {
    const remedy = "write unix:///path, tcp://host:port or ssh://user@host as placement.zones[].host";
    throw new ActionError("failed", `${engine} is no engine's address: ${remedy}`);
  }
  const options = await connectionTo(address);
  const { default: Engine } = await import("dockerode");
  return new Engine({ ...notFromEnvironment, ...options });
}

/** The types of the library leave out what it passes on to Node. */
interface Connection extends Docker.DockerOptions {
  readonly agent?: Agent;
}

/** The library asks DOCKER_HOST and its like for what it is not told. */
const notFromEnvironment = {
  host: undefined,
  port: undefined,
  ca: undefined,
  cert: undefined,
  key: undefined,
  timeout: undefined,
} satisfies Docker.DockerOptions;

async function connectionTo(address: EngineAddress): Promise<Connection> {
  switch (address.by) {
    case "unix":
      return { protocol: "http", socketPath: address.socket };
    case "ssh":
      // Whatever is named here is met at the other end of the pipes.
      return { protocol: "http", host: "docker", agent: await sshAgent(address) };
    case "tcp":
      return await overTcp(address);
  }
}

/** A connection for each request: one that was kept may have been cut, and nobody would say so. */
async function overTcp(address: EngineAddress & { by: "tcp" }): Promise<Connection> {
  const { host, port, certificates } = address;
  if (certificates === undefined) return { protocol: "http", host, port, agent: new Agent() };
  const shown = await clientCertificates(`tcp://${host}:${port}`, certificates);
  return { protocol: "https", host, port, agent: new TlsAgent(), ...shown };
}

/** The HTTP status of what an engine answered with; undefined when it gave no answer. */
export function engineStatusOf(error: unknown): number | undefined {
  if (typeof error !== "object" || error === null || !("statusCode" in error)) return undefined;
  return typeof error.statusCode === "number" ? error.statusCode : undefined;
}
