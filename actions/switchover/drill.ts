import { synchronousUnder } from "../../cluster/running/switchover-checks.ts";
import { reasonOf } from "../action-error.ts";
import type { Narrator } from "../verbs/verb.ts";
import { waitFor } from "../wait.ts";
import { logFromNowOn, settle } from "./aftermath.ts";
import { type NewLeader, takesWrites } from "./new-leader.ts";
import { inServiceBefore, type ObservedRoles } from "./observe-roles.ts";
import type { RoleTools } from "./role-tools.ts";
import { stepsOn } from "./steps.ts";
import { measured, statisticsOf } from "./told.ts";
import { startWatch } from "./watched.ts";

export interface Drill {
  readonly leader: string;
  readonly observed: ObservedRoles;
  readonly narrator: Narrator;
  readonly deadlineMs: number | undefined;
}

/** Beyond what the lease and two looks of Patroni's take: a promotion, and a machine that is busy. */
const MARGIN_MS = 60_000;

/**
 * Kills the leader's container, as a lost machine would end, and waits until somebody else takes writes. However that
 * ends, the container is started again.
 */
export async function drill(tools: RoleTools, plan: Drill) {
  const { leader: former, observed, narrator, deadlineMs } = plan;
  const readLog = await logFromNowOn(tools, former, narrator);
  const watch = await startWatch(tools, narrator);
  try {
    const steps = stepsOn(tools.clock, narrator);
    const container = tools.container(former);
    const leader = await startedAgain(container, former, narrator, async () => {
      await container.kill();
      steps.done(`${former} was killed`);
      return await nextLeader(tools, plan);
    });
    const { name: to, timeline } = leader;
    steps.done(
      `${to} leads${timeline === undefined ? "" : `, timeline ${timeline}`}; ${former} is started again`,
    );
    const others = inServiceBefore(observed).filter((name) => name !== former && name !== to);
    const synchronous = synchronousUnder(to, observed.members);
    const { settled, outage } = await measured(
      tools,
      watch,
      { kind: "failover", from: former, to, narrator },
      async () => {
        if (await watch.writesAgain()) steps.done("applications write again");
        return await settle(tools, {
          former,
          leader,
          others,
          synchronous,
          readLog,
          deadlineMs,
          steps,
          narrator,
        });
      },
    );
    return {
      ...{ from: former, to, ...settled, statistics: statisticsOf(to), steps: steps.all },
      ...(timeline === undefined ? {} : { timeline }),
      ...(outage === undefined ? {} : { outage }),
    };
  } finally {
    await watch.stop();
  }
}

/** @throws what the work throws; an error of the start when the work went well. */
async function startedAgain<T>(
  container: ReturnType<RoleTools["container"]>,
  name: string,
  narrator: Narrator,
  work: () => Promise<T>,
): Promise<T> {
  let result: T;
  try {
    result = await work();
  } catch (error) {
    await container.start().catch((problem: unknown) => {
      narrator.warn(`${reasonOf(problem)}: start it by hand, \`docker start ${name}\``);
    });
    throw error;
  }
  await container.start();
  return result;
}

/** Anybody else who takes writes. The engine has killed the former one, so it is none any more. */
async function nextLeader(tools: RoleTools, { leader: former, observed }: Drill): Promise<NewLeader> {
  const { clock, signal } = tools;
  const { ttl, loopWait } = observed;
  const limits = {
    deadlineMs: (ttl + 2 * loopWait) * 1000 + MARGIN_MS,
    everyMs: 250,
    clock,
    signal,
  };
  const remedy = `${former} is started again: \`spiloctl status\` shows who leads`;
  return await waitFor({ what: "another member leads", remedy, ...limits }, async () => {
    const name = await tools.leader();
    if (name === undefined) return { pending: "nobody leads" };
    if (name === former) return { pending: `the lease of ${former} has not run out` };
    const leader = await takesWrites(tools, name);
    return leader === undefined ? { pending: `${name} is not promoted yet` } : { found: leader };
  });
}
