import { reasonOf } from "../action-error.ts";
import { leaseSeconds, type PausedPool, poolHold } from "../pool-pause.ts";
import type { Narrator } from "../verbs/verb.ts";
import { within } from "../within.ts";
import { type NewLeader, newLeader, writesHaveStopped } from "./new-leader.ts";
import type { RoleTools } from "./role-tools.ts";
import type { Steps } from "./steps.ts";

export interface HandOver {
  readonly from: string;
  readonly to: string;
  readonly steps: Steps;
  readonly narrator: Narrator;
}

/** What came of it. */
export interface HandedOver {
  readonly leader: NewLeader;
  /** For each pool whether its clients waited meanwhile. */
  readonly pools: readonly PausedPool[];
}

/** How long the proxies look out for the new leader. */
const LOOK_OUT_SECONDS = 30;
/** How much later than the new leader itself they may know of it; their next check comes after a second. */
const PROXY_MS = 1_500;

/**
 * Hands the leadership over, with the clients of the pools waiting meanwhile, and the proxies looking out for the new
 * leader. However it ends, the clients go on.
 *
 * @throws Patroni's refusal, or what went wrong; the signal's reason. Nobody waits then.
 */
export async function handOver(
  tools: RoleTools,
  { from, to, steps, narrator }: HandOver,
): Promise<HandedOver> {
  const { clock, signal, pools } = tools;
  const over = new AbortController();
  const leading = lookOut(tools, to, over.signal);
  const hold = poolHold(pools, { clock, signal });
  let begun = false;
  let promoted = false;
  try {
    const paused = await hold.pause();
    tellPauses(paused, steps, narrator);
    signal?.throwIfAborted();
    begun = true;
    const answer = tools.switchover({ leader: from, candidate: to });
    void writesHaveStopped({ ...tools, signal: over.signal }, from).then((seen) => {
      if (seen && !promoted) steps.done(`writes stopped, ${from} has shut down`);
    });
    const leader = await newLeader(tools, { from, to, answer });
    promoted = true;
    const { name, timeline } = leader;
    if (name !== to) narrator.warn(`${name} leads, and not ${to}: Patroni found it fitter`);
    steps.done(`${name} was promoted${timeline === undefined ? "" : `, timeline ${timeline}`}`);
    await endpointLeads(leading, tools, { to: name, asked: to, steps, narrator });
    await hold.resume();
    if (paused.some(({ skipped }) => skipped === undefined)) steps.done("pooled clients go on");
    return { leader, pools: paused };
  } finally {
    over.abort();
    // Whatever went wrong: by now, whoever waits does so for nothing.
    tellStuck(await hold.resume(), narrator);
    if (begun && !promoted && signal?.aborted) {
      narrator.warn("Patroni ends by itself what it has begun: `spiloctl status` shows who leads");
    }
  }
}

interface LookOut {
  readonly proxy: string;
  /** Why it does not; undefined when it leads to the member. */
  readonly problem: Promise<string | undefined>;
}

/** Begun before anything else: it takes a moment until they ask. */
function lookOut(tools: RoleTools, member: string, over: AbortSignal): readonly LookOut[] {
  return tools.proxies.map((proxy) => ({
    proxy,
    problem: tools.leadTo(proxy, member, LOOK_OUT_SECONDS, over).then(() => undefined, reasonOf),
  }));
}

async function endpointLeads(
  leading: readonly LookOut[],
  { clock, signal }: RoleTools,
  { to, asked, steps, narrator }: Pick<HandOver, "to" | "steps" | "narrator"> & { readonly asked: string },
): Promise<void> {
  if (to !== asked) {
    await clock.sleep(PROXY_MS, signal);
    return;
  }
  const problems = await Promise.all(
    leading.map(async ({ proxy, problem }) => {
      const limits = { what: `${proxy} leads to ${to}`, deadlineMs: PROXY_MS, clock, signal };
      try {
        return await within(limits, problem);
      } catch (error) {
        signal?.throwIfAborted();
        return reasonOf(error);
      }
    }),
  );
  const late = problems.filter((problem) => problem !== undefined);
  for (const problem of late) narrator.warn(`${problem}: it finds out by its own checks`);
  if (late.length < leading.length) steps.done(`endpoint leads to ${to}`);
}

function tellPauses(paused: readonly PausedPool[], steps: Steps, narrator: Narrator): void {
  for (const { proxy, skipped } of paused) {
    if (skipped === undefined) continue;
    narrator.warn(`clients of the pool at ${proxy} do not wait, and may see errors: ${skipped}`);
  }
  if (paused.some(({ skipped }) => skipped === undefined)) steps.done("pooled clients wait");
}

function tellStuck(stuck: readonly PausedPool[], narrator: Narrator): void {
  for (const { proxy, skipped = "" } of stuck) {
    narrator.warn(
      `clients of the pool at ${proxy} wait until its lease ends, ${leaseSeconds} s at most: ${skipped}`,
    );
  }
}
