/** Properties of a request without their secret marks, and the way to mark an answer's again. */
import { CreatedButFailed } from "../kind.ts";
import { conceal, revealAll, secretNames } from "../markers.ts";
import type { Properties } from "../values.ts";
import { fromStruct, type Struct, toStruct } from "../wire.ts";

export interface Opened {
  /** In the order in which they were given. */
  readonly bags: readonly Properties[];
  /** Marks what was secret in any of the request's bags. */
  readonly seal: (properties: Properties) => Properties;
  readonly sealed: (properties: Properties) => Struct;
}

export function open(...structs: readonly (Struct | undefined)[]): Opened {
  const marked = structs.map(fromStruct);
  const names = secretNames(...marked);
  const seal = (properties: Properties) => conceal(properties, names);
  return { bags: marked.map(revealAll), seal, sealed: (properties) => toStruct(seal(properties)) };
}

/** Does the work; a state that goes along with its failure gets its marks again. */
export async function sealingFailure<T>(opened: Opened, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof CreatedButFailed)) throw error;
    throw new CreatedButFailed(error.id, opened.seal(error.state), error.message);
  }
}
