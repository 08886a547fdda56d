import { z } from "zod";
import { ActionError } from "../action-error.ts";
import { askZone, type ZoneAnswer } from "../zones/ask-zone.ts";
import { type PreviewOutlook, previewOutlook } from "../zones/preview-outlook.ts";
import { type FindStackOptions, readStackFile, replaceStackFile } from "../zones/stack-file.ts";
import type { LineChange } from "../zones/text-edits.ts";
import { type DeclaredZone, readZones, writeAvailability } from "../zones/zone-configuration.ts";
import { Refusal } from "./verb.ts";

export interface ProbeZonesOptions extends FindStackOptions {
  /** Writes what was found into the configuration of the stack. @default false */
  readonly write?: boolean;
  /** How long each engine may take, milliseconds; all are asked at the same time. @default 5000 */
  readonly askMs?: number | undefined;
}

/** A zone as it was found, and as it is declared. */
export interface ZoneReport {
  readonly name: string;
  /** Its engine, without a password. */
  readonly host: string;
  readonly witness: boolean;
  /** Null: its engine is there and refuses, which says nothing of the zone. */
  readonly answers: boolean | null;
  /** Why it does not answer, or refuses; null when it answers. */
  readonly reason: string | null;
  /** `available` as the configuration had it. */
  readonly declared: boolean;
  /** What is to be written as `available`, or was; null: it stays as it is. */
  readonly toWrite: boolean | null;
}

export interface ZonesReport {
  readonly stack: string;
  /** Path of its configuration. */
  readonly file: string;
  readonly zones: readonly ZoneReport[];
  /** Whether the changes stand in the file now. */
  readonly written: boolean;
  readonly changes: readonly LineChange[];
  /** What a preview shows once they do; null when nothing changes, or nobody can say. */
  readonly outlook: PreviewOutlook | null;
}

/**
 * Asks the engine of every declared zone, and says which are not as the configuration of the stack declares them; with
 * `write`, sets `available` of those. No update is run, no state is read, and no part of the cluster is asked.
 *
 * @throws Refusal for a cluster on AWS.
 * @throws ActionError `unreachable` when no zone that holds data answers: whoever asks is cut off then. Nothing is written.
 * @throws ActionError `failed`, SpecError when the configuration cannot be read, or not be written.
 */
export async function probeZones(options: ProbeZonesOptions): Promise<ZonesReport> {
  const { write = false, askMs, signal } = options;
  const file = await readStackFile(options);
  const { zones, specification, images } = readZones(file);
  if (isOnAws(specification)) {
    throw new Refusal(
      [`${file.stack} is on AWS, where a zone has no engine that could be asked`],
      "Set placement.zones[].available by hand; AWS is asked what a zone offers by every preview.",
    );
  }
  const answers = await Promise.all(zones.map((zone) => askZone(zone, signal, askMs)));
  const found = zones.map((zone, index) => reportOf(zone, answers[index]));
  if (!found.some(({ answers: there, witness }) => there === true && !witness)) throw cutOff(found);
  const wanted = found.flatMap(({ toWrite }, index) =>
    toWrite === null ? [] : [{ index, available: toWrite }],
  );
  const report = { stack: file.stack, file: file.path, zones: found };
  if (wanted.length === 0) return { ...report, written: false, changes: [], outlook: null };
  const { text, changes } = writeAvailability(file, wanted);
  const after = readZones({ ...file, text });
  const outlook = previewOutlook(specification, after.specification, images) ?? null;
  signal?.throwIfAborted();
  if (write) await replaceStackFile(file, text);
  return { ...report, written: write, changes: changes.map(withoutPasswords), outlook };
}

function isOnAws(specification: unknown): boolean {
  return z.object({ platform: z.literal("aws") }).safeParse(specification).success;
}

function reportOf(
  { name, host, witness, available }: DeclaredZone,
  answer: ZoneAnswer | undefined,
): ZoneReport {
  const answers = answer === undefined || answer.kind === "refuses" ? null : answer.kind === "answers";
  return {
    name,
    host: withoutPassword(host),
    witness,
    answers,
    reason: answer === undefined || answer.kind === "answers" ? null : answer.reason,
    declared: available,
    toWrite: answers === null || answers === available ? null : answers,
  };
}

/** Of an address, wherever it stands in a text: `ssh://me@db-b`. */
function withoutPassword(text: string): string {
  return text.replaceAll(/(:\/\/[^/@:\s]*):[^/@\s]*@/g, "$1@");
}

function withoutPasswords({ line, before, after }: LineChange): LineChange {
  return { line, before: withoutPassword(before), after: after.map(withoutPassword) };
}

function cutOff(zones: readonly ZoneReport[]): ActionError {
  const each = zones.map(({ name, host, answers, reason }) => {
    const how = answers === true ? "answers, but holds no data" : reason;
    return `zone ${name} (${host}): ${how}`;
  });
  return new ActionError(
    "unreachable",
    `no zone that holds data answers: this machine is rather cut off than all of them gone\n${each.join("\n")}\n` +
      "Nothing was written. Ask from a machine that reaches the engines.",
  );
}
