/** The stack that a checkout makes for itself: it is made and taken down at will. */
const CASUAL_STACK = "dev";

/** Whether data is guarded in a stack of that name, unless the specification says otherwise. */
export function guardsData(stack: string): boolean {
  return stack !== CASUAL_STACK;
}
