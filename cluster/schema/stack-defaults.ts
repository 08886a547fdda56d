/** The stack that a checkout makes for itself: it is made and taken down at will. */
const CASUAL_STACK = "dev";

/** Whether data is guarded in a stack of that name, unless the specification says otherwise. */
export function guardsData(stack: string): boolean {
  return stack !== CASUAL_STACK;
}

/**
 * A specification with what only the stack decides: in any but the stack `dev` data is guarded, unless the user says
 * otherwise. What is written is left as it is, also where it is wrong.
 */
export function guardedIn(stack: string, specification: object): object {
  const guarded = guardsData(stack);
  const standard = { deletionProtection: guarded, finalBackup: guarded };
  const written = Object.entries(specification).filter(([, value]) => value !== undefined);
  return { ...standard, ...Object.fromEntries(written) };
}
