import type { Risk } from "../../cluster/impact/risk.ts";
import { rowsOf } from "../../cluster/impact/rows.ts";
import type { KeyChange } from "../../cluster/impact/spec-diff.ts";
import type { ClusterImpact, PlanReport } from "../verbs/plan.ts";
import { columns } from "./columns.ts";
import type { Paint, Tone } from "./paint.ts";
import { timeInWords } from "./words.ts";

/** A plan for people: the verdict first, then what follows from it, and what it was looked at by. */
export function planLines(report: PlanReport, paint: Paint): readonly string[] {
  if (report.clusters.length === 0) return [`${report.stack}: no cluster changes`];
  return report.clusters.flatMap((impact, index) => [
    ...(index === 0 ? [] : [""]),
    `${impact.cluster}  ${paint(tones[impact.risk], impact.risk)}: ${impact.verdict}`,
    ...columns(factsOf(impact)).map((line) => `  ${line}`),
  ]);
}

/** Label and text of every line, in the text and the markdown alike. */
export function factsOf(impact: ClusterImpact): readonly (readonly [label: string, text: string])[] {
  const { changed, claims, risk, looked, unknown } = impact;
  return [
    ...changed.map((change) => ["changed", keyInWords(change)] as const),
    ...rowsOf(claims).map(({ label, text }) => [label, text] as const),
    ["risk", `${risk}: ${riskInWords[risk]}`],
    ["basis", lookInWords(looked)],
    ...unknown.map((text) => ["not known", text] as const),
  ];
}

const tones: Readonly<Record<Risk, Tone>> = {
  none: "good",
  low: "good",
  outage: "warn",
  high: "warn",
  "data loss": "bad",
  refused: "bad",
};

const riskInWords: Readonly<Record<Risk, string>> = {
  none: "nothing of the cluster changes",
  low: "no application notices",
  outage: "applications cannot write for seconds",
  high: "something is worse afterwards, or somebody has to act",
  "data loss": "data is gone afterwards",
  refused: "nothing is touched",
};

/** `image "a" → "b"`. */
function keyInWords({ path, from, to }: KeyChange): string {
  return `${path} ${from ?? "not set"} → ${to ?? "not set"}`;
}

function lookInWords(looked: ClusterImpact["looked"]): string {
  if (looked.seen) return `one look at the members, ${timeInWords(looked.at)}`;
  return `the members were not looked at (${looked.why}): this is what is certain whoever leads`;
}
