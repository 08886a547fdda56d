import { reasonOf } from "../action-error.ts";
import type { ProbeResult, WriteProbe } from "../probe/write-probe.ts";
import type { Narrator } from "../verbs/verb.ts";
import type { RoleTools } from "./role-tools.ts";

/** Commits that have to be acknowledged before and after, so that there is a rate to tell; and for how long to wait. */
const WRITES = 20;
const WARM_MS = 5_000;
const AGAIN_MS = 60_000;

/** An application that writes meanwhile; without one, nothing is measured and everything else goes on. */
export interface Watch {
  /** Waits until it writes again. @returns false when it does not, which is told. */
  writesAgain(): Promise<boolean>;
  /** What it saw; undefined when nothing was measured. May be called again. */
  stop(): Promise<ProbeResult | undefined>;
}

/** Starts it, and waits until it is warm. @throws the signal's reason alone; the probe is stopped then. */
export async function startWatch(tools: RoleTools, narrator: Narrator): Promise<Watch> {
  const probe = tools.startProbe({ countFromStart: false });
  try {
    await probe.writes(WRITES, WARM_MS, tools.signal);
    return watchBy(probe, tools, narrator);
  } catch (error) {
    const stopped = probe.stop();
    if (tools.signal?.aborted) await stopped;
    tools.signal?.throwIfAborted();
    narrator.warn(`the outage is not measured, as nobody can write now: ${reasonOf(error)}`);
    // What is done next may be the cure: it does not wait for this.
    return { writesAgain: async () => false, stop: async () => void (await stopped) };
  }
}

/** Starts it where nobody can write: the outage has begun already, and is measured from now on. */
export function startWatchInOutage(tools: RoleTools, narrator: Narrator): Watch {
  return watchBy(tools.startProbe({ countFromStart: true }), tools, narrator);
}

function watchBy(probe: WriteProbe, { signal }: RoleTools, narrator: Narrator): Watch {
  let stopped: Promise<ProbeResult> | undefined;
  return {
    writesAgain: async () => {
      try {
        await probe.writes(1, AGAIN_MS, signal);
        return true;
      } catch (error) {
        signal?.throwIfAborted();
        narrator.warn(`nobody can write through the endpoint yet: ${reasonOf(error)}`);
        return false;
      }
    },
    stop: () => {
      stopped ??= probe.stop();
      return stopped;
    },
  };
}
