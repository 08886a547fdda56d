import type { Value } from "./values.ts";

/** What a property holds. `textSet` and `recordSet` are lists whose order and repetitions mean nothing. */
export type Shape =
  | "text"
  | "whole"
  | "flag"
  | "texts"
  | "textSet"
  | "mapping"
  | "record"
  | "records"
  | "recordSet";

/** What the stand-in knows of one property: enough to check it, to compare it, and to say what a change of it does. */
export interface Property {
  readonly shape: Shape;
  /** The properties of a `record`, or of each member of `records` and `recordSet`. */
  readonly fields?: Schema;
  readonly required?: true;
  /** Written into the inputs when the program says nothing. */
  readonly default?: Value;
  /** The engine fills it in when the program says nothing, so its absence is never a difference. */
  readonly computed?: true;
  /** Leaving it out means what the engine has, as for `computed`, but a preview shows nothing for it. */
  readonly kept?: true;
  /** Never an input. */
  readonly output?: true;
  /** A change of it replaces the resource; without this it is an update in place. */
  readonly replaces?: true;
  /** For `records`: brings members whose order means nothing into a fixed one before they are compared. */
  readonly arrange?: (members: readonly Value[]) => readonly Value[];
  /** A member of the official schema that the stand-in does not serve: why, for the message. */
  readonly notCovered?: string;
  /** What is allowed; the answer is what is wrong with the value. */
  readonly check?: (value: Value) => string | undefined;
}

export type Schema = Readonly<Record<string, Property>>;

type Extra = Omit<Property, "shape">;

/** `{label, value}` pairs, as every resource of the provider has them. */
export const labelFields: Schema = {
  label: { shape: "text", required: true },
  value: { shape: "text", required: true },
};

/** A property whose change is an update in place. */
export function updates(shape: Shape, extra: Extra = {}): Property {
  return { shape, ...extra };
}

/** A property whose change replaces the resource. */
export function replaces(shape: Shape, extra: Extra = {}): Property {
  return { shape, replaces: true, ...extra };
}

/** A property that replaces the resource when it changes and is filled in by the engine when absent. */
export function computedReplaces(shape: Shape, extra: Extra = {}): Property {
  return { shape, replaces: true, computed: true, ...extra };
}

/** A property that only the engine can tell. */
export function output(shape: Shape): Property {
  return { shape, output: true, computed: true };
}
