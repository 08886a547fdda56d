/** Outcomes of an action that a caller may want to tell apart. */
export type ActionErrorCode =
  | "deadline"
  | "unreachable"
  | "no-leader"
  | "refused"
  | "failed"
  | "not-in-force";

/**
 * What an action throws when a running cluster does not do what was asked.
 *
 * The message says what is wrong, what stands now and what to do; `code` is for programs.
 */
export class ActionError extends Error {
  override readonly name = "ActionError";
  readonly code: ActionErrorCode;

  constructor(code: ActionErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Something that may be better at the next look: nobody answers, or nobody leads just now. */
export function isPassing(error: unknown): error is ActionError {
  return error instanceof ActionError && (error.code === "unreachable" || error.code === "no-leader");
}

/** For a `catch`: what counts where nobody answers just now. Any other error goes on. */
export function unlessPassing<T>(otherwise: T): (error: unknown) => T {
  return (error) => {
    if (isPassing(error)) return otherwise;
    throw error;
  };
}

/** The text of whatever was thrown; `fetch` hides the reason in `cause`. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof AggregateError) return [...new Set(error.errors.map(reasonOf))].join("; ");
  const cause = error.cause === undefined ? "" : reasonOf(error.cause);
  return cause === "" || error.message.includes(cause) ? error.message : `${error.message}: ${cause}`;
}
