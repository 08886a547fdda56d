/** What a program's inputs mean before anything is done: differences, and what a preview can already tell. */
import { isFilledIn, withoutNotes } from "./check.ts";
import { type Change, differences } from "./diff.ts";
import type { Kind } from "./kind.ts";
import { UNKNOWN } from "./markers.ts";
import type { Properties } from "./values.ts";

export interface Difference {
  readonly changes: readonly Change[];
  /** Whether a replacement deletes the old one first. */
  readonly deletesFirst: boolean;
}

/** @param ignored properties whose changes the program does not want to see */
export function difference(
  kind: Kind,
  state: Properties,
  inputs: Properties,
  ignored: ReadonlySet<string>,
): Difference {
  const found = [...differences(kind.schema, state, inputs), ...(kind.unfinished?.(state) ?? [])];
  return {
    changes: found.filter((change) => !ignored.has(change.property)),
    deletesFirst: deletesFirst(kind, inputs),
  };
}

/** What a creation will give, as far as it is known beforehand. */
export function foreseen(kind: Kind, inputs: Properties): Properties {
  const computed = Object.entries(kind.schema).filter(
    ([name, rule]) => rule.computed && inputs[name] === undefined,
  );
  return { ...withoutNotes(inputs), ...Object.fromEntries(computed.map(([name]) => [name, UNKNOWN])) };
}

/** The state after an update: what did not change is kept as the engine told it, the rest is what the program says. */
export function updated(kind: Kind, olds: Properties, news: Properties): Properties {
  const inputs = withoutNotes(news);
  const changed = differences(kind.schema, olds, inputs).map((change) => change.property);
  const added = Object.keys(inputs).filter((name) => olds[name] === undefined);
  const names = [...changed, ...added];
  return { ...olds, ...Object.fromEntries(names.map((name) => [name, inputs[name]])) };
}

function deletesFirst(kind: Kind, inputs: Properties): boolean {
  if (kind.deletesBeforeReplace === "named") return !isFilledIn(inputs, "name");
  return kind.deletesBeforeReplace === "always";
}
