import { andList } from "../and-list.ts";
import type { Claim, PartKind } from "./claims.ts";
import { kindInWords, sentenceOf } from "./words.ts";

/** A line of a plan as people read it. */
interface Row {
  readonly label: string;
  readonly text: string;
}

/** The claims as lines, in the order in which a reviewer asks; what stays as it is in a line of its own. */
export function rowsOf(claims: readonly Claim[]): readonly Row[] {
  const rows = claims
    .filter(({ kind }) => kind !== "untouched")
    .map((claim) => ({ label: labelOf(claim), text: sentenceOf(claim) }));
  const sorted = order.flatMap((label) => rows.filter((row) => row.label === label));
  const untouched = claims.flatMap((claim) =>
    claim.kind === "untouched"
      ? [`${kindInWords(claim.part, claim.names.length)} ${andList(claim.names)}`]
      : [],
  );
  return [...sorted, ...(untouched.length === 0 ? [] : [{ label: "unchanged", text: untouched.join("; ") }])];
}

const parts: Readonly<Record<PartKind, string>> = {
  member: "members",
  replica: "replicas",
  voter: "etcd",
  proxy: "proxies",
  s3: "archive",
};

function labelOf(claim: Claim): string {
  switch (claim.kind) {
    case "replaced":
    case "created":
    case "removed":
    case "untouched":
      return parts[claim.part];
    case "restarted":
      return "restart";
    case "set":
      return "settings";
    case "renewed":
    case "authority":
      return "certificates";
    case "switchovers":
      return "switchover";
    case "refused unless":
      return "refused";
    case "kept":
    case "lost":
      return "data";
    case "slot":
      return "slots";
    case "retention":
      return "backups";
    case "order":
    case "leader":
    case "outage":
    case "endpoint":
    case "logins":
    case "survives":
    case "protection":
    case "refused":
    case "blocked":
      return claim.kind;
  }
}

const order = [
  ...[
    "refused",
    "blocked",
    "data",
    "members",
    "restart",
    "order",
    "switchover",
    "leader",
    "outage",
    "endpoint",
  ],
  ...["settings", "slots", "backups", "replicas", "etcd", "proxies", "archive", "certificates"],
  ...["logins", "protection", "survives"],
];
