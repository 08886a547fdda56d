import type { RecoverableWindow } from "../archive/recoverable-window.ts";

/** How long a step took: `0.02 s`, `12.1 s`. */
export function tookInWords(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  return `${seconds < 10 ? seconds.toFixed(2) : seconds.toFixed(1)} s`;
}

/** UTC to the second; what is no time as it is, and nothing for none. */
export function timeInWords(at: string | null): string {
  if (at === null) return "";
  const time = new Date(at);
  return Number.isNaN(time.getTime()) ? at : time.toISOString().replace(/\.\d+Z$/, "Z");
}

/** Between which times a restore can go. */
export function windowInWords(window: RecoverableWindow | null): string {
  if (window === null) return "nothing, as there is no base backup";
  const from = `from ${timeInWords(window.from)}`;
  return window.to === null
    ? `${from} on; how far the WAL reaches is unknown`
    : `${from} to ${timeInWords(window.to)}`;
}
