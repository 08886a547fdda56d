import { marker } from "../pull-request/comment-body.ts";
import type { ClusterImpact, PlanReport } from "../verbs/plan.ts";
import { factsOf } from "./plan-text.ts";

/**
 * A plan as a comment of a pull request: the verdict in the first line, then a table for each cluster, and at the end a
 * mark that nobody sees, by which the comment is found again. What comes from the specification is shown as it is written:
 * nothing of it becomes a link, a mention or a tag.
 */
export function planMarkdown(report: PlanReport): readonly string[] {
  const { stack, risk, verdict, clusters } = report;
  const whose = clusters.length === 1 ? clusters[0]?.cluster : stack;
  return [
    `**${risk}** · ${plain(whose ?? stack)}: ${plain(verdict)}`,
    ...clusters.flatMap((impact) => ["", ...tableOf(impact, clusters.length > 1)]),
    "",
    marker(stack),
  ];
}

function tableOf(impact: ClusterImpact, isOneOfSeveral: boolean): readonly string[] {
  const title = isOneOfSeveral
    ? [`**${impact.risk}** · ${plain(impact.cluster)}: ${plain(impact.verdict)}`, ""]
    : [];
  const rows = factsOf(impact).map(([label, text]) => `| ${label} | ${plain(text)} |`);
  return [...title, "| | |", "| --- | --- |", ...rows];
}

/** Text that is shown as it is; what stands between single backticks stays code. */
function plain(text: string): string {
  const pieces = text.replaceAll(/\s+/g, " ").split("`");
  // An odd one out is no pair.
  const paired = pieces.length % 2 === 1;
  return pieces
    .map((piece, index) =>
      paired && index % 2 === 1 ? `\`${piece.replaceAll("|", "\\|")}\`` : escaped(piece),
    )
    .join(paired ? "" : "\\`");
}

function escaped(text: string): string {
  return (
    text
      .replaceAll(/[\\*_[\]~|]/g, "\\$&")
      .replaceAll("&", "&amp;")
      .replaceAll("<", "&lt;")
      .replaceAll(">", "&gt;")
      // Neither somebody who is told, nor another issue.
      .replaceAll(/[@#](?=\w)/g, "$&\u200b")
      .replaceAll("://", ":\u200b//")
  );
}
