import { andList } from "../and-list.ts";

/** `zone b`, `zones b and c`, `zones b, c and d`. */
export function zonesInWords(names: readonly string[]): string {
  return `${names.length === 1 ? "zone" : "zones"} ${andList(names)}`;
}
