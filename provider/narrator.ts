import type { Narrator } from "../actions/verbs/verb.ts";
import type { KindContext } from "./kind.ts";

/** Shows what a verb tells beside the resource that it works for. */
export function narratorOf({ report }: Pick<KindContext, "report">): Narrator {
  return {
    step: (text, milliseconds) =>
      report(milliseconds === undefined ? text : `${text} (${(milliseconds / 1000).toFixed(1)} s)`),
    note: (text) => report(text),
    warn: (text) => report(text, "warning"),
  };
}
