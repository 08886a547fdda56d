import { basename } from "node:path";
import { zonesInWords } from "../../cluster/placement/zones-in-words.ts";
import type { ZoneReport, ZonesReport } from "../verbs/probe-zones.ts";
import type { PreviewOutlook } from "../zones/preview-outlook.ts";
import type { LineChange } from "../zones/text-edits.ts";
import { columns } from "./columns.ts";
import type { Paint } from "./paint.ts";

/** The zones in a table, what changes of the file, and what a preview will make of it. */
export function zonesLines(report: ZonesReport, paint: Paint): readonly string[] {
  const { zones, changes, outlook, written } = report;
  const head = ["zone", "host", "declared", written ? "written" : "to write", "its engine"];
  const table = columns([head, ...zones.map(zoneRow)]);
  const refusing = zones.filter(({ answers }) => answers === null).map(({ name }) => name);
  return [
    ...table.map((line) => `  ${line}`),
    "",
    `  ${conclusion(report, paint)}`,
    ...changes.flatMap(changeLines),
    ...(outlook === null ? [] : outlookLines(outlook, written, paint)),
    ...(refusing.length === 0
      ? []
      : [
          `  ${paint("warn", zonesInWords(refusing))}: the engine is there and refuses. Nothing is written for that:`,
          "  mend its access (placement.zones[].host, .certificates), then probe again.",
        ]),
  ];
}

function zoneRow({ name, host, witness, answers, reason, declared, toWrite }: ZoneReport): readonly string[] {
  return [
    witness ? `${name} (witness)` : name,
    host,
    declared ? "available" : "not available",
    toWrite === null ? "" : `available: ${toWrite}`,
    answers === true ? "answers" : `${answers === null ? "refuses" : "silent"}: ${reason ?? ""}`,
  ];
}

function conclusion({ zones, file, written }: ZonesReport, paint: Paint): string {
  const differing = zones.filter(({ toWrite }) => toWrite !== null).map(({ name }) => name);
  const where = basename(file);
  if (differing.length === 0) {
    const known = zones.every(({ answers }) => answers !== null);
    return known
      ? paint("good", `all zones are as ${where} declares them`)
      : "the others are as they are declared";
  }
  if (written) return `${paint("good", "written")} to ${where}:`;
  const isOrAre = differing.length === 1 ? "is" : "are";
  return `${zonesInWords(differing)} ${isOrAre} not as declared; \`spiloctl zones probe --write\` changes ${where}:`;
}

/** As in a patch: what was there only when it is no more. */
function changeLines({ line, before, after }: LineChange): readonly string[] {
  const [first = "", ...added] = after;
  const number = String(line).padStart(5);
  const own =
    first === before ? [`  ${number}   ${before}`] : [`  ${number} - ${before}`, `        + ${first}`];
  return [...own, ...added.map((text) => `        + ${text}`)];
}

function outlookLines(outlook: PreviewOutlook, written: boolean, paint: Paint): readonly string[] {
  const verb = written ? "will" : "would then";
  if (outlook.kind === "refused") {
    const reasons = outlook.reasons.split("\n").map((line) => `    ${line}`);
    return [`  \`pulumi preview\` ${verb} ${paint("bad", "refuse")} it:`, ...reasons];
  }
  const { dropped, removed, made } = outlook;
  const rows = [
    ["dropped, their engine unasked:", dropped],
    ["removed:", removed],
    ["made:", made],
  ] as const;
  const shown = rows.filter(([, names]) => names.length > 0);
  if (shown.length === 0) return [`  \`pulumi preview\` ${verb} show that no part moves.`];
  return [
    `  \`pulumi preview\` ${verb} show:`,
    ...columns(shown.map(([what, names]) => [what, names.join(", ")])).map((line) => `    ${line}`),
  ];
}
