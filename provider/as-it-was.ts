import { ActionError } from "../actions/action-error.ts";
import type { KindContext } from "./kind.ts";
import type { Properties } from "./wire.ts";

/** What a refresh finds. While nobody can be asked it finds nothing, and says why: what does not answer is not changed. */
export async function asItWasUnlessAsked(
  { report }: Pick<KindContext, "report">,
  look: () => Promise<Properties>,
): Promise<Properties> {
  try {
    return await look();
  } catch (error) {
    if (!(error instanceof ActionError)) throw error;
    report(`taken as it was, since nobody could be asked: ${error.message}`, "warning");
    return {};
  }
}
