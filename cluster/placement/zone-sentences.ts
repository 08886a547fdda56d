import { inWords } from "../schema/number-words.ts";
import type { ZoneLoss } from "./zone-loss.ts";

/**
 * What a cluster survives of its zones, for the summary and the preview: first what it does, then each zone whose loss
 * stops writes, with the reason.
 */
export function zoneSentences(losses: readonly ZoneLoss[]): readonly string[] {
  const going = losses.filter(({ writes }) => writes !== "stop");
  const stopping = losses.filter(({ writes }) => writes === "stop");
  return [
    ...(going.length === 0 ? [] : [survivedSentence(going, losses.length)]),
    ...stopping.map(({ zone, because }) => `not the loss of zone ${zone}: ${because}`),
  ];
}

function survivedSentence(going: readonly ZoneLoss[], zones: number): string {
  const which =
    going.length === zones
      ? `any one of ${inWords(zones)} zones`
      : `the loss of zone ${going.map(({ zone }) => zone).join(" or zone ")}`;
  const loses = going.some(({ writes }) => writes === "go on with loss");
  return loses ? `${which}, though the last commits may be lost` : which;
}
