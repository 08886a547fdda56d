import { spawn } from "node:child_process";
import { Agent } from "node:http";
import type { EngineAddress } from "../../cluster/placement/engine-address.ts";
import { sharingCommand } from "../way/connect-to.ts";
import { openWay } from "../way/open-way.ts";
import { pipesOf } from "./process-pipes.ts";

/** How long a host may take to be connected to. */
const CONNECT_SECONDS = 10;

/**
 * Takes each request to an engine through the machine's own `ssh`: with the user's configuration, agent, keys and known
 * hosts. One process a request; it joins its pipes with the engine's socket over there.
 *
 * @throws ActionError `unreachable` when the host is reached by a way that cannot be had.
 */
export async function sshAgent(address: EngineAddress & { by: "ssh" }): Promise<Agent> {
  const { way } = address;
  const through = way === undefined ? [] : ["-o", `ProxyCommand=${sharingCommand(await openWay(way))}`];
  const args = [...through, ...sshArguments(address)];
  const agent = new Agent();
  agent.createConnection = () => pipesOf(spawn("ssh", args), `ssh ${address.host}`);
  return agent;
}

function sshArguments({ host, user, port, socket }: EngineAddress & { by: "ssh" }): readonly string[] {
  return [
    "-T",
    // Nobody is there to be asked for a password.
    ...["-o", "BatchMode=yes", "-o", `ConnectTimeout=${CONNECT_SECONDS}`],
    ...(user === undefined ? [] : ["-l", user]),
    ...(port === undefined ? [] : ["-p", String(port)]),
    ...["--", host, "docker"],
    ...(socket === undefined ? [] : ["--host", quoted(`unix://${socket}`)]),
    ...["system", "dial-stdio"],
  ];
}

/** A shell over there reads the command. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
