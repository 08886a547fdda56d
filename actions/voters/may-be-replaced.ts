import type { ClusterAccess } from "../access.ts";
import { ActionError } from "../action-error.ts";
import { httpsFetch } from "../https-fetch.ts";
import { ASK_MS } from "../status/ask.ts";
import { observeVoters, type VoterReport } from "../status/voters.ts";
import type { Narrator } from "../verbs/verb.ts";
import { type Clock, waitFor } from "../wait.ts";

export interface VoterMayBeReplacedOptions {
  readonly voter: string;
  /** All of them, with their client URLs. */
  readonly voters: readonly { readonly name: string; readonly url: string }[];
  readonly access: ClusterAccess;
  readonly narrator: Pick<Narrator, "warn">;
  /** For an election to be over. @default 15000 */
  readonly deadlineMs?: number;
  readonly clock?: Clock | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Whether an etcd voter may be taken away now: every other one is healthy, so there is a quorum without it, as their
 * number is odd. One that is itself down may always be: that repairs it.
 *
 * @throws ActionError `refused` with those that are not healthy, and what to do.
 */
export async function voterMayBeReplaced(options: VoterMayBeReplacedOptions): Promise<void> {
  const { voter, voters, access, narrator, deadlineMs = 15_000, clock, signal } = options;
  if (voters.length === 1) {
    const meanwhile = "Patroni writes none of its keys until it is back; its failsafe mode keeps the leader";
    narrator.warn(`${voter} is the only etcd voter: ${meanwhile}`);
    return;
  }
  const fetch = httpsFetch(access);
  let seen: readonly VoterReport[] = [];
  const what = `every etcd voter but ${voter} is healthy`;
  try {
    await waitFor({ what, deadlineMs, everyMs: 1000, clock, signal }, async () => {
      seen = await observeVoters({ voters, access }, ASK_MS, fetch);
      const pending = reasonsOf(seen.filter(({ name }) => name !== voter));
      return pending === "" ? { found: true } : { pending };
    });
  } catch (error) {
    if (!(error instanceof ActionError) || error.code !== "deadline") throw error;
    decide(voter, seen, narrator);
  }
}

function decide(voter: string, seen: readonly VoterReport[], narrator: Pick<Narrator, "warn">): void {
  const [own] = seen.filter(({ name }) => name === voter);
  const others = reasonsOf(seen.filter(({ name }) => name !== voter));
  if (own?.healthy === true) {
    const remedy = "`docker logs` of it says why, and `pulumi up --refresh` starts it or makes it anew";
    const why = `without ${voter} as well, etcd might have no quorum`;
    throw new ActionError("refused", `${others}: ${why}. ${voter} was not touched; ${remedy}`);
  }
  narrator.warn(`${voter} is down and is replaced to be repaired, although others are as well: ${others}`);
}

function reasonsOf(reports: readonly VoterReport[]): string {
  return reports
    .filter(({ healthy }) => !healthy)
    .map(({ name, reason }) => `${name} is not healthy (${reason ?? "it does not say why"})`)
    .join("; ");
}
