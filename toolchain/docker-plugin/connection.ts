/** How requests reach the engine: a Unix socket, TCP with or without TLS, or a command run through ssh. */
import { spawn } from "node:child_process";
import type { ClientRequest, RequestOptions } from "node:http";
import type { Certificates, Configuration } from "./configuration.ts";

/** Opens a request on a connection of its own, so that an idle one is never found broken; the caller writes the body and ends it. */
export type Connect = (options: RequestOptions) => Promise<ClientRequest>;

/** Chooses the way by the host's scheme. @throws when there is none for it */
export function connector(configuration: Configuration): Connect {
  const { host, certificates } = configuration;
  if (host.startsWith("unix://")) return overSocket(host.slice("unix://".length));
  if (host.startsWith("ssh://")) return overSsh(new URL(host), configuration.sshOptions);
  if (/^(tcp|http|https):\/\//.test(host))
    return overTcp(new URL(host.replace(/^tcp:/, "http:")), certificates);
  throw new Error(`unable to parse docker host \`${host}\`: it must begin with unix://, tcp:// or ssh://`);
}

function overSocket(socketPath: string): Connect {
  return async (options) => {
    const { request } = await import("node:http");
    return request({ ...options, agent: false, socketPath, host: "docker" });
  };
}

function overTcp(url: URL, certificates: Certificates | undefined): Connect {
  const target = { hostname: url.hostname, port: url.port, agent: false };
  if (certificates === undefined && url.protocol !== "https:") {
    return async (options) => (await import("node:http")).request({ ...options, ...target });
  }
  return async (options) => (await import("node:https")).request({ ...options, ...target, ...certificates });
}

/** One ssh process a request, which joins its pipes with the engine's socket on the other side. */
function overSsh(url: URL, sshOptions: readonly string[]): Connect {
  const remote = url.pathname.length > 1 ? ["docker", "--host", `unix://${url.pathname}`] : ["docker"];
  const user = url.username ? ["-l", url.username] : [];
  const port = url.port ? ["-p", url.port] : [];
  const args = [...sshOptions, ...user, ...port, url.hostname, "--", ...remote, "system", "dial-stdio"];
  return async (options) => {
    const [{ request }, { pipesOf }] = await Promise.all([
      import("node:http"),
      import("../../actions/engine/process-pipes.ts"),
    ]);
    return request({
      ...options,
      host: "docker",
      // When it fails it is told why: of an answer that ends too soon, nobody could say.
      createConnection: () => pipesOf(spawn("ssh", args), `ssh ${url.hostname}`),
    });
  };
}
