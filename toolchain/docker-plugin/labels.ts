import { type Properties, text } from "./values.ts";

/** `[{label, value}]`, as programs write them, to the map that the engine takes. */
export function fromLabels(labels: readonly Properties[]): Record<string, string> {
  return Object.fromEntries(labels.map((label) => [text(label, "label"), text(label, "value")]));
}

export function toLabels(labels: Readonly<Record<string, string>>): Properties[] {
  return Object.entries(labels).map(([label, value]) => ({ label, value }));
}
