import { andList } from "../../cluster/and-list.ts";
import type { ObservedMember } from "../../cluster/running/switchover-checks.ts";
import { isPatronisRefusal } from "../patroni/patroni-verbs.ts";
import { type Narrator, Refusal } from "../verbs/verb.ts";
import { newLeader } from "./new-leader.ts";
import { inServiceBefore, type ObservedRoles } from "./observe-roles.ts";
import type { RoleTools } from "./role-tools.ts";
import { stepsOn } from "./steps.ts";
import { measured, statisticsOf } from "./told.ts";
import { startWatchInOutage } from "./watched.ts";

export interface Replacement {
  /** Undefined: nobody leads. */
  readonly former: string | undefined;
  readonly candidate: ObservedMember;
  readonly observed: ObservedRoles;
  readonly narrator: Narrator;
  readonly deadlineMs: number | undefined;
}

/** For those that answer to stream from the new leader. */
const SETTLE_MS = 120_000;

/**
 * Makes a standby the leader in place of one that is lost. That one is not awaited: whoever brings it back does so when
 * its machine is there again, and Patroni has it follow.
 */
export async function replaceLeader(tools: RoleTools, plan: Replacement) {
  const { former, candidate, observed, narrator, deadlineMs = SETTLE_MS } = plan;
  const watch = startWatchInOutage(tools, narrator);
  try {
    const steps = stepsOn(tools.clock, narrator);
    const answer = tools.failover(candidate.name);
    const from = former ?? "nobody";
    const leader = await newLeader(tools, { from, to: candidate.name, answer, ttl: observed.ttl }).catch(
      refused,
    );
    const { name: to, timeline } = leader;
    steps.done(`${to} leads${timeline === undefined ? "" : `, timeline ${timeline}`}`);
    const happened = { kind: "failover", from, to, narrator } as const;
    const { outage } = await measured(tools, watch, happened, async () => {
      if (await watch.writesAgain()) steps.done("applications write again");
      const others = inServiceBefore(observed).filter((name) => name !== former && name !== to);
      await tools.inService({
        what: "the others stream",
        names: [to, ...others],
        synchronous: 0,
        deadlineMs,
        remedy: "It goes on by itself: `spiloctl status --watch`",
      });
      if (others.length > 0) steps.done(`${andList(others)} ${others.length > 1 ? "follow" : "follows"}`);
    });
    if (former !== undefined)
      narrator.note(`${former} follows as soon as it is back: \`docker start ${former}\``);
    return {
      ...{ to, statistics: statisticsOf(to), steps: steps.all },
      ...(former === undefined ? {} : { from: former }),
      ...(timeline === undefined ? {} : { timeline }),
      ...(outage === undefined ? {} : { outage }),
    };
  } finally {
    await watch.stop();
  }
}

function refused(error: unknown): never {
  if (!isPatronisRefusal(error)) throw error;
  throw new Refusal([error.message], "Look what has changed: `spiloctl status`.", { cause: error });
}
