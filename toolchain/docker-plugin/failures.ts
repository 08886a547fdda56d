/** The reason of whatever was thrown. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Does the work; what it throws is said to be `failing`, in the official provider's words. */
export async function saying<T>(failing: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new Error(`${failing}: ${reasonOf(error)}`);
  }
}
