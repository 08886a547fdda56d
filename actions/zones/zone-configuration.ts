import { isDeepStrictEqual } from "node:util";
import { type Document, isMap, isScalar, type Pair, parseDocument, type YAMLMap } from "yaml";
import { z } from "zod";
import { readLeniently } from "../../cluster/schema/schema-issues.ts";
import { placement } from "../../cluster/schema/schema-placement.ts";
import { SpecError } from "../../cluster/schema/spec-error.ts";
import { ActionError } from "../action-error.ts";
import type { StackFile } from "./stack-file.ts";
import { changedLines, type LineChange, type TextEdit, withEdits } from "./text-edits.ts";

/** A zone as the specification declares it. */
export type DeclaredZone = z.output<typeof placement>["zones"][number];

/** The part of a stack's configuration that says where its cluster stands. */
export interface ZoneConfiguration {
  readonly zones: readonly DeclaredZone[];
  /** The values of `spilo:cluster` and `spilo:images`, unchecked. */
  readonly specification: unknown;
  readonly images: unknown;
}

const clusterPath = ["config", "spilo:cluster"];
const zonesPath = [...clusterPath, "placement", "zones"];

const stackConfiguration = z.looseObject({
  config: z.looseObject({ "spilo:cluster": z.unknown().optional(), "spilo:images": z.unknown().optional() }),
});

const mapping = z.looseObject({ placement: z.unknown().optional(), secure: z.unknown().optional() });

/**
 * What the configuration says of zones. The rest of the specification may be wrong: that is told by a preview.
 *
 * @throws ActionError `failed` when there is no specification that can be read.
 * @throws SpecError with all that is wrong with `placement`.
 */
export function readZones(file: StackFile): ZoneConfiguration {
  const { config } = stackConfiguration.safeParse(documentOf(file).toJS()).data ?? {};
  const specification = config?.["spilo:cluster"];
  const written = mapping.safeParse(specification).data;
  if (written === undefined || written.secure !== undefined) throw unreadable(file, specification);
  const { value, issues } = readLeniently(placement, written.placement ?? {}, "placement");
  if (value === undefined || issues.length > 0) throw new SpecError(issues);
  return { zones: value.zones, specification, images: config?.["spilo:images"] };
}

function unreadable({ path }: StackFile, specification: unknown): ActionError {
  const isSecret = typeof specification === "object" && specification !== null;
  const found = isSecret
    ? "is kept as a secret"
    : specification === undefined
      ? "is not there"
      : "is no mapping";
  return new ActionError(
    "failed",
    `${path}: spilo:cluster ${found}\nthe zones are read from it as it is written.\n` +
      "Write it as a mapping below config: name, placement, and what else is not to be the default.",
  );
}

/** A zone, by its place in the list, and whether it is to be had. */
export interface Availability {
  readonly index: number;
  readonly available: boolean;
}

/** The text with these values in place of the former ones. */
export interface ZonesWritten {
  readonly text: string;
  readonly changes: readonly LineChange[];
}

/**
 * Sets `available` of some zones in the text of a configuration. All else stays as it is written: order, comments, how
 * lines are set.
 *
 * @throws ActionError `failed` when the zones are written in a way in which that cannot be done.
 */
export function writeAvailability(file: StackFile, wanted: readonly Availability[]): ZonesWritten {
  const document = documentOf(file);
  const edits = wanted.map(({ index, available }) => {
    const zone = document.getIn([...zonesPath, index], true);
    const edit = isMap(zone) ? editOf(zone, file.text, available) : undefined;
    return edit ?? byHand(file, index, available);
  });
  const text = withEdits(file.text, edits);
  const before = readZones(file).zones;
  const after = readZones({ ...file, text }).zones;
  for (const [index, zone] of before.entries()) {
    const { available } = wanted.find((one) => one.index === index) ?? zone;
    if (!isDeepStrictEqual(after[index], { ...zone, available })) return byHand(file, index, available);
  }
  return { text, changes: changedLines(file.text, edits) };
}

function documentOf({ path, text }: StackFile): Document {
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error === undefined) return document;
  throw new ActionError("failed", `${path}: is no YAML\n${error.message}\nMend it first.`);
}

function byHand({ path }: StackFile, index: number, available: boolean): never {
  const key = `spilo:cluster.placement.zones[${index}].available`;
  throw new ActionError(
    "failed",
    `${path}: ${key} cannot be set in the way in which the zones are written\nNothing was written. Write ${key}: ${available} by hand.`,
  );
}

/** Undefined: there is no place for it that is certain. */
function editOf(zone: YAMLMap, text: string, available: boolean): TextEdit | undefined {
  const written = zone.items.find((pair) => keyOf(pair) === "available");
  if (written !== undefined) {
    const place = isScalar(written.value) ? written.value.range : undefined;
    return place == null ? undefined : { from: place[0], to: place[1], text: String(available) };
  }
  const line = `available: ${available}`;
  const last = zone.items.findLast(isOnOneLine);
  const end = isScalar(last?.value) ? last.value.range?.[1] : undefined;
  if (end === undefined) return undefined;
  if (zone.flow === true) return { from: end, to: end, text: `, ${line}` };
  const [start = 0] = zone.range ?? [];
  const indent = " ".repeat(start - (text.lastIndexOf("\n", start - 1) + 1));
  const endOfLine = text.indexOf("\n", end);
  // After a comment that stands behind the value.
  const at = endOfLine < 0 ? text.length : endOfLine;
  return { from: at, to: at, text: `\n${indent}${line}` };
}

function keyOf({ key }: Pair): unknown {
  return isScalar(key) ? key.value : undefined;
}

function isOnOneLine({ value }: Pair): boolean {
  return isScalar(value) && value.range != null && !/^BLOCK_/.test(value.type ?? "");
}
