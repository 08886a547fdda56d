import type { Narrator } from "../verbs/verb.ts";
import type { Paint } from "./paint.ts";
import { tookInWords } from "./words.ts";

/** Where times begin. */
const TEXT_WIDTH = 62;

export interface NarrationIo {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly paint: Paint;
}

/** Tells people how a verb goes, a line at a time; its steps are counted. */
export function narration({ out, err, paint }: NarrationIo): Narrator {
  let steps = 0;
  return {
    step: (text, milliseconds) => {
      steps += 1;
      const took = milliseconds === undefined ? "" : tookInWords(milliseconds);
      out(`${`  ${steps} ${text.padEnd(TEXT_WIDTH)} ${took}`.trimEnd()}\n`);
    },
    note: (text) => out(`  ${text}\n`),
    warn: warning(err, paint),
  };
}

/** With `--json`: the report says everything, but a warning is for whoever waits. */
export function quietNarration({ err, paint }: NarrationIo): Narrator {
  return { step: () => undefined, note: () => undefined, warn: warning(err, paint) };
}

function warning(err: (text: string) => void, paint: Paint): Narrator["warn"] {
  return (text) => err(`  ${paint("warn", "warning")}  ${text}\n`);
}
