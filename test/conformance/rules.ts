/** Asking the plugin's rules without any engine: what a change of some inputs means. */
import { expect } from "vitest";
import { checkInputs, type Naming } from "../../toolchain/docker-plugin/check.ts";
import type { Kind } from "../../toolchain/docker-plugin/kind.ts";
import { difference } from "../../toolchain/docker-plugin/plan.ts";
import type { Properties, Value } from "../../toolchain/docker-plugin/values.ts";

/** One property with two different values. */
export type Sample = readonly [property: string, before: Value, after: Value];

export const naming: Naming = { logicalName: "db", seed: new Uint8Array() };

/** The least that a container needs. */
export const base: Properties = { name: "db", image: "tiny:1" };

/** What a container has after it was made and looked at, whatever the program says. */
export const looked: Properties = { networkDatas: [], entrypoints: [], bridge: "" };

/** Inputs after their check, which must find nothing wrong. */
export function checked(kind: Kind, inputs: Properties, olds: Properties = {}): Properties {
  const { inputs: filled, problems } = checkInputs(kind, olds, inputs, naming);
  expect(problems).toEqual([]);
  return filled;
}

/** The differences between a state made from some inputs, and new inputs: `name` for an update, `name!` a replacement. */
export function changes(kind: Kind, before: Properties, after: Properties): string[] {
  const state = { ...looked, ...checked(kind, before) };
  const { changes } = difference(kind, state, checked(kind, after, state), new Set());
  return [...new Set(changes.map((change) => (change.replaces ? `${change.property}!` : change.property)))];
}

export function label(name: string): Properties {
  return { label: name, value: "1" };
}
