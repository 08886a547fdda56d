import { ActionError, reasonOf } from "./action-error.ts";
import { type Standing, standingOf } from "./patroni/cluster-standing.ts";
import type { MemberAddress } from "./patroni/find-cluster.ts";
import type { PatroniClient } from "./patroni/patroni-client.ts";

export interface MayBeReplacedOptions {
  readonly member: string;
  readonly members: readonly Pick<MemberAddress, "name" | "restUrl">[];
  readonly patroni: PatroniClient;
  /** Something to look after. */
  readonly warn: (line: string) => void;
}

/**
 * Whether a member may be replaced now. A cluster of which nobody answers has to be repairable: it may.
 *
 * @returns how the cluster stands; undefined when nobody says.
 * @throws ActionError `refused` while the cluster is stopped or paused, as the new container would not come into
 *   service then, and nobody would take over for it; or what `standingOf` throws when a member answers but cannot say.
 */
export async function mayBeReplaced({
  member,
  members,
  patroni,
  warn,
}: MayBeReplacedOptions): Promise<Standing | undefined> {
  const standing = await standingIfKnown(patroni, members, (reason) =>
    warn(`${member} is replaced although nobody can say how the cluster stands (${reason})`),
  );
  const untouched = `${member} was not touched`;
  if (standing?.stopped === true) {
    const why = "the cluster is stopped by `spiloctl stop`: run `spiloctl start` first";
    throw new ActionError("refused", `${why}; ${untouched}`);
  }
  if (standing?.paused === true) {
    const why = "Patroni is paused, so nobody would take over for a member: run `spiloctl resume` first";
    throw new ActionError("refused", `${why}; ${untouched}`);
  }
  return standing;
}

async function standingIfKnown(
  patroni: PatroniClient,
  members: MayBeReplacedOptions["members"],
  unknown: (reason: string) => void,
): Promise<Standing | undefined> {
  try {
    return await standingOf(patroni, members);
  } catch (error) {
    if (!(error instanceof ActionError) || error.code !== "unreachable") throw error;
    unknown(reasonOf(error));
    return undefined;
  }
}
