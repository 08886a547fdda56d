import { reasonOf } from "../action-error.ts";

/** What a source said, or why it said nothing. */
export type Asked<T> = { readonly known: T } | { readonly unknown: string };

/** How long one source may take, milliseconds: whoever looks at a broken cluster wants to see the rest of it. */
export const ASK_MS = 5_000;

/** Asks a source that may fail or hang by itself: that is an answer, too, and never an exception. */
export async function ask<T>(question: () => Promise<T>, deadlineMs: number = ASK_MS): Promise<Asked<T>> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Asked<T>>((resolve) => {
    const unknown = `no answer within ${deadlineMs / 1000} s`;
    timer = setTimeout(() => resolve({ unknown }), deadlineMs);
  });
  const answer = (async () => ({ known: await question() }))().catch((error: unknown) => ({
    unknown: reasonOf(error),
  }));
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** What a source said; undefined when it said nothing. */
export function known<T>(asked: Asked<T>): T | undefined {
  return "known" in asked ? asked.known : undefined;
}
