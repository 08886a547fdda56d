import { andList } from "../and-list.ts";
import { bytesInWords } from "../schema/byte-words.ts";
import {
  byFitness,
  candidatesOf,
  isSynchronous,
  type ObservedMember,
  type RoleObservation,
} from "./switchover-checks.ts";

/** What a failover may cost. */
export type DataLoss =
  | { readonly kind: "none"; readonly because: string }
  | {
      readonly kind: "possible";
      readonly because: string;
      /** At the last look; what was written after it comes on top. Absent when nobody knows. */
      readonly upToBytes?: number;
    };

type Seen = Pick<RoleObservation, "members" | "synchronousMode">;

/**
 * What may be lost when a leader is killed that is well, and Patroni chooses who is next: nothing where somebody takes
 * part in synchronous commit, as Patroni promotes nobody else then, nor anybody who may lack a commit.
 */
export function lossWhenKilled({ members, synchronousMode }: Seen): DataLoss {
  const standbys = candidatesOf({ members });
  if (synchronousMode === "off") {
    const [best] = byFitness(standbys.filter(({ state }) => state === "streaming"));
    return possible("no commit waits for a standby", best);
  }
  const synchronous = standbys.filter(isSynchronous).map(({ name }) => name);
  return synchronous.length > 0
    ? {
        kind: "none",
        because: `a commit waits for ${synchronous.join(" or ")}, and no other member is promoted`,
      }
    : possible("no standby is synchronous now", byFitness(standbys)[0]);
}

/**
 * What may be lost when the leader is gone and this member is made the leader by hand.
 *
 * A standby by name has every commit. Of a quorum, one that was acknowledged is on some of them: only when all of them
 * are seen, and none has more than this one, this one has them all.
 */
export function lossWhenPromoted({ members, synchronousMode }: Seen, candidate: ObservedMember): DataLoss {
  const { name } = candidate;
  if (synchronousMode === "off") return possible("no commit waits for a standby", candidate);
  if (!isSynchronous(candidate)) return possible(`${name} is not synchronous`, candidate);
  if (synchronousMode === "on") return { kind: "none", because: `every commit waited for ${name}` };
  const others = candidatesOf({ members }).filter((one) => isSynchronous(one) && one.name !== name);
  const unseen = others.filter(({ lagBytes }) => lagBytes === undefined).map((one) => one.name);
  if (candidate.lagBytes === undefined || unseen.length > 0) {
    const who = candidate.lagBytes === undefined ? name : andList(unseen);
    return possible(`a commit may be on ${who} alone, of which nobody knows how far it is`, candidate);
  }
  const own = candidate.lagBytes;
  const ahead = others.filter(({ lagBytes = 0 }) => lagBytes < own).map((one) => one.name);
  return ahead.length > 0
    ? possible(`${andList(ahead)} ${ahead.length === 1 ? "has" : "have"} more than ${name}`, candidate)
    : { kind: "none", because: `no standby that a commit may have waited for has more than ${name}` };
}

/** `up to 48 MB of WAL at the last look, and whatever was written since (no commit waits for a standby)`. */
export function describeLoss(loss: DataLoss): string {
  if (loss.kind === "none") return `nothing (${loss.because})`;
  const known =
    loss.upToBytes === undefined
      ? "nobody knows how much"
      : `up to ${bytesInWords(loss.upToBytes)} of WAL at the last look, and whatever was written since`;
  return `${known} (${loss.because})`;
}

function possible(because: string, candidate: ObservedMember | undefined): DataLoss {
  const lag = candidate?.lagBytes;
  return { kind: "possible", because, ...(lag === undefined ? {} : { upToBytes: lag }) };
}
