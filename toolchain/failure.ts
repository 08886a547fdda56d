/**
 * A fault that a person can mend: what was found, why it matters, what to do.
 *
 * It is printed as these three lines, without a stack trace.
 */
export class Failure extends Error {
  override readonly name = "Failure";
  readonly reason: string;
  readonly remedy: string;

  constructor(what: string, reason: string, remedy: string, options?: ErrorOptions) {
    super(what, options);
    this.reason = reason;
    this.remedy = remedy;
  }
}

/** The three lines, as `./run` prints them. */
export function failureText(failure: Failure): string {
  return `error  ${failure.message}\n       ${failure.reason}\n       ${failure.remedy}`;
}
