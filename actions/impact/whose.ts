/** Of which stack the state and the outputs are asked for. */
export interface Whose {
  /** @default the one that is selected */
  readonly stack?: string | undefined;
  /** Why neither is asked for: the preview is of one stack, and another one is named. */
  readonly other?: string;
}

/**
 * A saved preview is looked at by the stack that it was made of, whichever one is selected.
 *
 * @param shown the name in the preview's resources; empty: it has none.
 * @param named by the user, maybe with those of the organisation and the project in front.
 */
export function whoseIs(shown: string, named: string | undefined): Whose {
  if (shown === "") return { stack: named };
  if (named === undefined) return { stack: shown };
  if (named.replace(/^.*\//, "") === shown) return { stack: named };
  return { other: `the preview is of stack ${shown}, and --stack names ${named}` };
}
