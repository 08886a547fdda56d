import { inWords } from "../schema/number-words.ts";
import type { Claim, ClaimKind, PartKind } from "./claims.ts";
import { effectInWords } from "./endpoint-ways.ts";
import { kindInWords, outageInWords, switchoversInWords } from "./words.ts";

/** The whole of a plan in one sentence, for who reads nothing else. */
export function verdictOf(claims: readonly Claim[]): string {
  const all = <K extends ClaimKind>(kind: K) =>
    claims.filter((claim): claim is Extract<Claim, { kind: K }> => claim.kind === kind);
  const [refused, ...others] = all("refused");
  if (refused !== undefined) {
    const more = others.length === 0 ? "" : `, and ${inWords(others.length)} more`;
    return `\`up\` refuses it: ${refused.path === "" ? "" : `${refused.path} `}${refused.message}${more}`;
  }
  const lost = all("lost").map(
    ({ what, why }) => `${what === "database" ? "the database is" : "backups are"} lost: ${why}`,
  );
  const moves = movesIn(claims);
  const [switchovers] = all("switchovers");
  const [outage] = all("outage");
  const stops = outage !== undefined && outage.causes.length > 0;
  const blocked = all("blocked").map(({ reason }) => `but \`up\` cannot go on now: ${reason}`);
  const what = [...lost, ...moves];
  const [alone] = all("blocked");
  if (what.length === 0 && alone !== undefined) return `\`up\` cannot go on: ${alone.reason}`;
  const unless = all("refused unless").map(
    ({ path, unless: condition }) => `but \`up\` refuses it unless ${condition} (${path})`,
  );
  if (what.length + unless.length === 0) return "nothing of the running cluster changes";
  const roles =
    switchovers === undefined || (switchovers.most === 0 && !stops) ? [] : [switchoversInWords(switchovers)];
  const writes = outage === undefined ? [] : [outageInWords(outage)];
  return [...(what.length === 0 ? [] : [what.join(", ")]), ...roles, ...writes, ...blocked, ...unless].join(
    "; ",
  );
}

/** What is done, the weightiest first. */
function movesIn(claims: readonly Claim[]): readonly string[] {
  return claims.flatMap((claim) => {
    switch (claim.kind) {
      case "replaced":
        return [`${count(claims, claim.part, claim.names)} replaced`];
      case "created":
        return [`${counted(claim.part, claim.names.length)} made`];
      case "removed":
        return [`${counted(claim.part, claim.names.length)} removed`];
      case "restarted":
        return [
          claim.part === "member"
            ? `PostgreSQL of ${inWords(claim.names.length)} ${kindInWords("member", claim.names.length)} restarts`
            : "voters restart one at a time",
        ];
      case "set": {
        const reloaded = claim.values.filter(({ takes }) => takes === "reload").length;
        return reloaded === 0
          ? []
          : [`${inWords(reloaded)} ${reloaded === 1 ? "setting is" : "settings are"} reloaded`];
      }
      case "renewed":
        return [`certificates of ${inWords(claim.names.length)} parts are renewed`];
      case "slot":
        return [`slot ${claim.name} is ${claim.effect}`];
      case "retention":
        return [`backups are kept for ${claim.to} days`];
      case "protection":
        return [`deletionProtection is ${claim.on ? "on" : "off"}`];
      case "logins":
        return ["logins change"];
      case "authority":
        return ["clients need another `ca`"];
      case "endpoint":
        return [effectInWords(claim.from, claim.to)];
      default:
        return [];
    }
  });
}

/** `all three members are`, `both proxies are`, `one of three members is`. */
function count(claims: readonly Claim[], part: PartKind, names: readonly string[]): string {
  const others = claims.flatMap((claim) =>
    claim.kind === "untouched" && claim.part === part ? claim.names : [],
  );
  if (others.length > 0) {
    const total = names.length + others.length;
    return `${inWords(names.length)} of ${inWords(total)} ${kindInWords(part, total)} ${names.length === 1 ? "is" : "are"}`;
  }
  if (names.length === 2) return `both ${kindInWords(part, 2)} are`;
  return names.length === 1 ? counted(part, 1) : `all ${counted(part, names.length)}`;
}

function counted(part: PartKind, number: number): string {
  return `${inWords(number)} ${kindInWords(part, number)} ${number === 1 ? "is" : "are"}`;
}
