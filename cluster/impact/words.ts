import { andList } from "../and-list.ts";
import { inWords } from "../schema/number-words.ts";
import { shown } from "../settings/settings-change.ts";
import { readerLoses } from "../settings/slots.ts";
import type { Claim, FigureSource, MeasuredCause, PartKind } from "./claims.ts";
import { effectInWords, waysInWords } from "./endpoint-ways.ts";
import { inTurn, protectionSentence } from "./replacement-sentences.ts";

/** A claim in a sentence, without a full stop. */
export function sentenceOf(claim: Claim): string {
  switch (claim.kind) {
    case "refused":
      return `\`up\` refuses it, and nothing is touched: ${claim.path === "" ? "" : `${claim.path} `}${claim.message}. ${claim.remedy}`;
    case "refused unless":
      return `\`up\` refuses it unless ${claim.unless}: ${claim.path} ${claim.message}. ${claim.remedy}`;
    case "blocked":
      return `\`up\` would wait, and then end with nothing touched: ${claim.reason}`;
    case "replaced":
      return `${namesOf(claim.part, claim.names)} replaced${claim.part === "member" && claim.names.length > 1 ? `: ${inTurn}` : howReplaced(claim.part)}`;
    case "created":
      return `${namesOf(claim.part, claim.names)} made`;
    case "removed":
      return `${namesOf(claim.part, claim.names)} removed${fates[claim.data]}`;
    case "untouched":
      return `${namesOf(claim.part, claim.names)} left as ${claim.names.length === 1 ? "it is" : "they are"}`;
    case "restarted":
      return claim.part === "member"
        ? `PostgreSQL of ${andList(claim.names)} restarts in place, one after the other`
        : `${andList(claim.names)} restart${claim.names.length === 1 ? "s" : ""}, one at a time`;
    case "set":
      return claim.values
        .map(({ name, from, to, takes }) => `${name} ${said(from)} → ${said(to)} by a ${takes}`)
        .join("; ");
    case "renewed":
      return `${andList(claim.names)} ${claim.names.length === 1 ? "takes" : "take"} another certificate without a restart`;
    case "switchovers":
      return switchoversInWords(claim);
    case "order":
      return `the order is ${claim.names.join(", ")}`;
    case "leader":
      return claim.after.length === 1 && claim.after[0] === claim.before
        ? `${claim.before} leads, and goes on leading`
        : `${claim.before} leads, and afterwards ${orList(claim.after)}`;
    case "outage":
      return outageInWords(claim);
    case "kept":
      return `data is kept: ${claim.names.length === 1 ? "the volume" : "the volumes"} of ${andList(claim.names)}`;
    case "lost":
      return `${claim.what === "database" ? "the database is lost" : "backups are lost"}: ${claim.why}. ${claim.remedy}`;
    case "slot":
      return `slot ${claim.name}: ${slotFates[claim.effect]}`;
    case "retention":
      return `backups are kept for ${claim.to} days, not ${claim.from}${claim.to < claim.from ? ": older ones go with the next base backup" : ""}`;
    case "logins":
      return `the application logs in as ${claim.application}${claim.closed.length === 0 ? "" : `; closed at the end, with their sessions: ${andList(claim.closed)}`}`;
    case "authority":
      return "certificates are another authority's: clients need the output `ca` anew";
    case "endpoint":
      return `${effectInWords(claim.from, claim.to)}: ${waysInWords(claim.from, claim.to)}`;
    case "survives":
      return survivesInWords(claim);
    case "protection":
      return protectionSentence(claim.on);
  }
}

const kinds: Readonly<Record<PartKind, readonly [one: string, many: string]>> = {
  member: ["member", "members"],
  replica: ["read replica", "read replicas"],
  voter: ["etcd voter", "etcd voters"],
  proxy: ["proxy", "proxies"],
  s3: ["S3 server", "S3 servers"],
};

export function kindInWords(part: PartKind, count: number): string {
  return kinds[part][count === 1 ? 0 : 1];
}

/** `members a-1 and a-2 are`, as the start of a sentence. */
function namesOf(part: PartKind, names: readonly string[]): string {
  return `${kindInWords(part, names.length)} ${andList(names)} ${names.length === 1 ? "is" : "are"}`;
}

function howReplaced(part: PartKind): string {
  switch (part) {
    case "member":
      return " in its turn";
    case "replica":
      return " before any member: readers go elsewhere meanwhile";
    case "voter":
      return " one at a time, while the others have a quorum";
    case "proxy":
      return " one after the other: whoever holds the endpoint's address comes last";
    case "s3":
      return ": WAL waits on the members meanwhile";
  }
}

const fates = {
  kept: "; data stays on the volumes",
  removed: " with data",
  left: "; data is left on an engine that is not asked any more",
  none: "",
} as const;

const slotFates = {
  made: "is made; every standby restarts PostgreSQL once to have a copy",
  remade: `is dropped and made anew; ${readerLoses}`,
  dropped: `is dropped as soon as it is idle; ${readerLoses}`,
  "left alone": "is left alone, and follows no leader any more",
  "taken over": "is taken over, and follows the leader from then on",
  "at risk": `is declared nowhere: Patroni drops it when it is idle then, and ${readerLoses}`,
} as const;

export function switchoversInWords({
  least,
  most,
  ifLeads,
}: Extract<Claim, { kind: "switchovers" }>): string {
  if (most === 0) return "no switchover";
  if (least === most) return least === 1 ? "exactly one switchover" : `exactly ${inWords(least)} switchovers`;
  if (least === 0 && most === 1) return `one switchover if ${orList(ifLeads)} leads, else none`;
  return `${inWords(least)} to ${inWords(most)} switchovers`;
}

const causes: Readonly<Record<MeasuredCause, string>> = {
  switchover: "during the switchover",
  restart: "while the leader restarts",
  replacement: "until the only member is back",
  "slot copies": "while standbys restart for their copies of a slot",
};

export function outageInWords({
  causes: all,
  expectedMs,
  worstMs,
  source,
}: Extract<Claim, { kind: "outage" }>): string {
  const why = all.filter((cause) => cause !== "endpoint");
  if (why.length < all.length) {
    const others =
      why.length === 0
        ? ""
        : `${outageInWords({ kind: "outage", causes: why, expectedMs, worstMs, source })}; `;
    return `${others}applications that use what goes or moves cannot write until they go where the endpoint is then`;
  }
  if (why.length === 0) return "applications can write all the time";
  const when = andList(why.map((cause) => causes[cause]));
  if (expectedMs === null || worstMs === null || source === null) {
    return `applications cannot write ${when}; for how long, nobody has measured yet`;
  }
  return `applications cannot write for about ${seconds(expectedMs)} s ${when}, ${seconds(worstMs)} s at worst so far (${sourceInWords(source)})`;
}

function sourceInWords(source: FigureSource): string {
  if (source.kind === "docs") return `no history of this cluster's own: ${source.page}`;
  return source.events === 1
    ? "the one of this cluster's history"
    : `the last ${source.events} of this cluster's history`;
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(1);
}

function survivesInWords({ before, after }: Extract<Claim, { kind: "survives" }>): string {
  const gone = before.filter((sentence) => !after.includes(sentence));
  const come = after.filter((sentence) => !before.includes(sentence));
  if (gone.length + come.length === 0) return `survives, as before: ${after.join("; ")}`;
  return `survives: ${gone.join("; ") || "what it did"} → ${come.join("; ") || "no more than the rest of that"}`;
}

function said(value: Parameters<typeof shown>[0]): string {
  return shown(value === null ? undefined : value);
}

function orList(words: readonly string[]): string {
  return words.length === 0 ? "somebody else" : words.join(" or ");
}
