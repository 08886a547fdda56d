import type { ClusterEvent } from "../events.ts";
import type { HistoryReport, RoleChangeReport } from "../verbs/history.ts";
import { columns } from "./columns.ts";
import type { Paint } from "./paint.ts";
import { timeInWords } from "./words.ts";

/** Everything in the order in which it happened: when, what, and how. */
export function historyLines(report: HistoryReport, paint: Paint): readonly string[] {
  const { roleChanges, events, unknown } = report;
  const rows = [...(roleChanges ?? []).map(changeRow), ...(events ?? []).map(eventRow)];
  const sorted = rows.sort(([a = ""], [b = ""]) => a.localeCompare(b));
  const nothing = unknown.length === 0 && rows.length === 0 ? ["nothing has happened yet"] : [];
  return [
    report.cluster,
    ...[...nothing, ...columns(sorted)].map((line) => `  ${line}`),
    ...unknown.map(({ what, reason }) => `  ${paint("warn", "unknown")}  ${what}: ${reason}`),
  ];
}

function changeRow({ at, leader, timeline, lsn, reason }: RoleChangeReport): readonly string[] {
  const who = leader ?? "somebody";
  return [timeInWords(at), "leader", `${who} from timeline ${timeline} on, at ${lsn} (${reason})`];
}

function eventRow({ at, kind, detail }: ClusterEvent): readonly string[] {
  const { from, to, ...others } = detail;
  const change = to === undefined ? [] : [from == null ? `${to}` : `${from} → ${to}`];
  const rest = Object.entries(others).map(([name, value]) => `${name} ${textOf(value)}`);
  return [timeInWords(at), kind, [...change, ...rest].join(", ")];
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
