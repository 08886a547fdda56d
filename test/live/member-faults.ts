import { setTimeout as pause } from "node:timers/promises";
import { execa } from "execa";
import { hostPid, pidsOf } from "./engine.ts";

/** A member, by what it takes to make it fail. */
export interface MemberPlace {
  /** The cluster's name, which is its network's, too. */
  readonly cluster: string;
  /** The name of its container. */
  readonly name: string;
  readonly address: string;
}

/** A way in which a member is lost, and what brings it back. */
interface MemberFault {
  cause(place: MemberPlace): Promise<unknown>;
  mend(place: MemberPlace): Promise<unknown>;
}

/** How long commits are no longer sent to the standbys before their sender is killed, milliseconds. */
const STALL_MS = 2_000;

const byItself = async () => undefined;

/** Each of them by its name. */
export const memberFaults = {
  "processes killed": {
    // From outside, so that the engine sees a crash and starts the container again.
    cause: async ({ name }) => process.kill(await hostPid(name), "SIGKILL"),
    mend: byItself,
  },
  "container killed": {
    cause: ({ name }) => execa("docker", ["kill", name]),
    mend: ({ name }) => execa("docker", ["start", name]),
  },
  "container frozen": {
    cause: ({ name }) => execa("docker", ["pause", name]),
    mend: ({ name }) => execa("docker", ["unpause", name]),
  },
  "network cut": {
    cause: ({ cluster, name }) => execa("docker", ["network", "disconnect", cluster, name]),
    mend: ({ cluster, name, address }) =>
      execa("docker", ["network", "connect", "--ip", address, cluster, name]),
  },
  "PostgreSQL killed": {
    cause: async ({ name }) => process.kill(await postmasterPid(name), "SIGKILL"),
    mend: byItself,
  },
  "replication stalled, then killed": {
    cause: async ({ name }) => {
      // What is acknowledged from now on, no standby has: nothing may be, where commits are synchronous.
      for (const pid of await pidsOf(name, /\bwalsender\b/)) process.kill(pid, "SIGSTOP");
      await pause(STALL_MS);
      await execa("docker", ["kill", name]);
    },
    mend: ({ name }) => execa("docker", ["start", name]),
  },
} as const satisfies Readonly<Record<string, MemberFault>>;

export type MemberFaultName = keyof typeof memberFaults;

/** The server's first process: the parent of all the others. The container's first one where there is no server. */
async function postmasterPid(member: string): Promise<number> {
  const [pid] = await pidsOf(member, /bin\/postgres -D/);
  return pid ?? (await hostPid(member));
}
