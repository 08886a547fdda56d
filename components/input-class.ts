/**
 * What a change of an input of a member's container or machine does.
 *
 * - `replace`: it is replaced, so the member takes its turn, hands the leadership over and joins again.
 * - `gated update`: it goes on and is changed in place, when its turn has come.
 * - `harmless`: nothing that runs notices it.
 */
type InputClass = "replace" | "gated update" | "harmless";

/** An input, what a change of it does, and why. */
export interface ClassedInput {
  readonly class: InputClass;
  readonly why: string;
}
