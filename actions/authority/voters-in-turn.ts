import type { ClusterAccess } from "../access.ts";
import { waitFor } from "../wait.ts";
import type { TrustingPart } from "./part.ts";
import type { AuthorityTools } from "./tools.ts";
import { type AuthorityWork, isRunning } from "./work.ts";

export interface VotersInTurnOptions {
  /** All of them. The first place that one serves is its clients'. */
  readonly voters: readonly TrustingPart[];
  /** Whom all of them take now, and by whom they are all known. */
  readonly access: ClusterAccess;
  /** Has a voter in force what is asked of it? */
  readonly inForce: (voter: TrustingPart) => Promise<boolean>;
  /** What is asked is not all that has to be in force, so each is restarted. @default those that have it are not */
  readonly each?: boolean;
}

/**
 * Restarts etcd's voters one after the other, its leader last. Each comes only while all others are healthy, and is
 * awaited. One that does not run is left: it reads its files when it starts.
 *
 * @throws ActionError `refused` while another voter is not healthy; `deadline` when one does not come back.
 */
export async function restartInTurn(
  { voters, access, inForce, each = false }: VotersInTurnOptions,
  work: AuthorityWork,
  tools: AuthorityTools,
): Promise<void> {
  const asked = voters.map((voter) => ({ name: voter.part, url: urlOf(voter) }));
  for (const voter of await leaderLast(voters, asked, access, tools)) {
    if (!(await isRunning(voter, tools)) || (!each && (await inForce(voter)))) continue;
    const { narrator, deadlineMs, signal } = work;
    const { clock } = tools;
    await tools.mayBeRestarted({ voter: voter.part, voters: asked, access, narrator, clock, signal });
    narrator.note(`${voter.part} is restarted: etcd looks at whom it trusts only when it starts`);
    await tools.toolsFor(voter.engine).restart(voter.part);
    const remedy = `\`docker logs ${voter.part}\` says more; no other voter was touched, and \`pulumi up\` goes on from here`;
    const what = `${voter.part} is healthy again`;
    await waitFor({ what, deadlineMs, everyMs: 250, remedy, clock, signal }, async () => {
      const [report] = await tools.observe({
        voters: asked.filter(({ name }) => name === voter.part),
        access,
      });
      if (report?.healthy !== true) return { pending: report?.reason ?? "it does not say why not" };
      return (await inForce(voter))
        ? { found: true }
        : { pending: "it does not trust the authority as it should" };
    });
  }
}

/** Whoever leads etcd comes last: the others elect one of those who have restarted, and once. */
async function leaderLast(
  voters: readonly TrustingPart[],
  asked: readonly { readonly name: string; readonly url: string }[],
  access: ClusterAccess,
  tools: AuthorityTools,
): Promise<readonly TrustingPart[]> {
  if (voters.length === 0) return [];
  const leader = (await tools.observe({ voters: asked, access })).find(({ leads }) => leads === true);
  const isLeader = ({ part }: TrustingPart) => part === leader?.name;
  return [...voters.filter((one) => !isLeader(one)), ...voters.filter(isLeader)];
}

function urlOf({ served: [clients] }: TrustingPart): string {
  return `https://${clients?.host}:${clients?.port}`;
}
