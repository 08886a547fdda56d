/** How long a host may take to answer before the next way is tried. */
const ANSWER_TIMEOUT_MS = 5_000;

/**
 * Whether a host answers at all within {@link ANSWER_TIMEOUT_MS}. Any HTTP status below 500 is an answer: a
 * registry that asks for credentials is there. A proxy that refuses, a name that is not known or silence is not.
 */
export async function answers(
  url: string,
  accept: (status: number) => boolean = (status) => status < 500,
): Promise<boolean> {
  try {
    const response = await fetch(url, {
      method: "HEAD",
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
      redirect: "follow",
    });
    return accept(response.status);
  } catch {
    return false; // the point of asking: the caller has another way
  }
}
