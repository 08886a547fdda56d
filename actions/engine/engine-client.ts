import type Docker from "dockerode";

/**
 * A client of one engine. The library is loaded with the first of them, so that a preview does not pay for it.
 *
 * @param host the engine's address as the docker provider takes it: `unix://`, `tcp://` or `ssh://`.
 */
export async function engineClient(host: string): Promise<Docker> {
  const { default: Engine } = await import("dockerode");
  return new Engine(engineOptions(host));
}

/** How the engine at such an address is connected to. */
function engineOptions(host: string): Docker.DockerOptions {
  const url = new URL(host);
  switch (url.protocol) {
    case "unix:":
      return { socketPath: url.pathname };
    case "ssh:":
      return {
        protocol: "ssh",
        host: url.hostname,
        port: Number(url.port === "" ? 22 : url.port),
        ...(url.username === "" ? {} : { username: url.username }),
      };
    default:
      return { protocol: "http", host: url.hostname, port: Number(url.port === "" ? 2375 : url.port) };
  }
}

/** The HTTP status of what an engine answered with; undefined when it gave no answer. */
export function engineStatusOf(error: unknown): number | undefined {
  if (typeof error !== "object" || error === null || !("statusCode" in error)) return undefined;
  return typeof error.statusCode === "number" ? error.statusCode : undefined;
}
