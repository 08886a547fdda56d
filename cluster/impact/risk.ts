import { numberOf } from "../schema/number-words.ts";
import type { Claim } from "./claims.ts";
import { haveToFollow } from "./endpoint-ways.ts";

/**
 * How much a reviewer has to look at a change, from the least to the most. `refused` stands by itself: nothing happens.
 *
 * - `none`: nothing of the cluster changes;
 * - `low`: no application notices: reloads, added members, proxies and voters one at a time;
 * - `outage`: applications cannot write for seconds: a switchover, or a restart of the leader;
 * - `high`: afterwards something is worse, or somebody has to act: the cluster survives less, a slot goes, older backups
 *   go, clients need another authority or have to go elsewhere; or writing stops for as long as a single member is away; or `up` cannot go on now;
 * - `data loss`: data is gone afterwards.
 */
const riskLevels = ["none", "low", "outage", "high", "data loss", "refused"] as const;

export type Risk = (typeof riskLevels)[number];

/** The highest that any of the claims has. */
export function riskOf(claims: readonly Claim[]): Risk {
  return highest(claims.map(riskOfClaim));
}

export function highest(risks: readonly Risk[]): Risk {
  return riskLevels.findLast((level) => risks.includes(level)) ?? "none";
}

function riskOfClaim(claim: Claim): Risk {
  switch (claim.kind) {
    case "refused":
      return "refused";
    case "lost":
      return "data loss";
    case "refused unless":
    case "blocked":
    case "authority":
      return "high";
    case "outage":
      if (claim.causes.some((cause) => cause === "replacement" || cause === "endpoint")) return "high";
      return claim.causes.length > 0 ? "outage" : "none";
    case "endpoint":
      return haveToFollow(claim.from, claim.to) ? "high" : "low";
    case "slot":
      return claim.effect === "made" || claim.effect === "taken over" ? "low" : "high";
    case "retention":
      return claim.to < claim.from ? "high" : "low";
    case "protection":
      return claim.on ? "low" : "high";
    case "survives":
      return survivesLess(claim.before, claim.after) ? "high" : "none";
    case "removed":
      // Without an archive nothing is archived; and what is left behind is out of reach.
      return claim.part === "s3" || claim.data === "left" ? "high" : "low";
    case "switchovers":
      return claim.most > 0 ? "outage" : "none";
    case "replaced":
    case "created":
    case "restarted":
    case "set":
    case "renewed":
    case "logins":
      return "low";
    case "untouched":
    case "kept":
    case "order":
    case "leader":
      return "none";
  }
}

/** Some promise is gone, or something is new that it does not survive. */
function survivesLess(before: readonly string[], after: readonly string[]): boolean {
  const isWeakness = (sentence: string) => /^(not|without) |may be lost|writes stop/.test(sentence);
  const weaknesses = (sentences: readonly string[]) => sentences.filter(isWeakness);
  const isNew = weaknesses(after).some((sentence) => !weaknesses(before).includes(sentence));
  const strengths = (sentences: readonly string[]) => sentences.filter((one) => !isWeakness(one));
  return isNew || strengths(before).some((one) => !atLeast(strengths(after), one));
}

/** `any two members` is more than `any one member`. */
function atLeast(sentences: readonly string[], promise: string): boolean {
  const { count, what } = counted(promise);
  return sentences.map(counted).some((one) => one.what === what && one.count >= count);
}

function counted(sentence: string): { readonly count: number; readonly what: string } {
  const [, number = "", what = sentence] = /^any (\w+) (.*?)s?$/.exec(sentence) ?? [];
  return { count: numberOf(number), what };
}
