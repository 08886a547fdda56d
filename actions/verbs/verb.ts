import { ActionError } from "../action-error.ts";

/**
 * Whom a verb tells how it goes, as it goes. What came of it is the verb's result: a plain object, which says
 * everything once more for programs.
 */
export interface Narrator {
  /**
   * A step that is done.
   *
   * @param milliseconds how long it took. @default none is told
   */
  step(text: string, milliseconds?: number): void;
  /** Something to know: what was found, or what will be. */
  note(text: string): void;
  /** Something to look after. */
  warn(text: string): void;
}

/** Tells nobody. */
export const silent: Narrator = { step: () => undefined, note: () => undefined, warn: () => undefined };

export interface RefusalOptions extends ErrorOptions {
  /** It would be done if the loss of data were accepted (`--accept-data-loss`). @default false */
  readonly dataMayBeLost?: boolean;
}

/** A verb does not do what was asked, and has changed nothing. */
export class Refusal extends ActionError {
  /** What stands in the way, each the start of a sentence in lower case, without a full stop. */
  readonly reasons: readonly string[];
  /** What to do instead: a sentence. */
  readonly remedy: string;
  readonly dataMayBeLost: boolean;

  constructor(reasons: readonly string[], remedy: string, options: RefusalOptions = {}) {
    const { dataMayBeLost = false, ...rest } = options;
    super("refused", `refused: ${reasons.join("; ")}. Nothing was changed. ${remedy}`, rest);
    this.reasons = reasons;
    this.remedy = remedy;
    this.dataMayBeLost = dataMayBeLost;
  }
}
