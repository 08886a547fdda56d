import type { Clock } from "../wait.ts";
import { waitFor } from "../wait.ts";
import type { Forge } from "./forge.ts";

export interface PostOptions {
  /** By which the comment is found again: a line of it. */
  readonly marker: string;
  readonly body: string;
  /** Names the pull request, for messages. */
  readonly what: string;
  /** How long to try again while the API cannot be had, milliseconds. @default 60000 */
  readonly deadlineMs?: number;
  readonly clock?: Clock | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What was done. */
export type Posted = "posted" | "updated" | "unchanged";

/**
 * Makes sure that the pull request has one comment with this marker, and that it says this. Each attempt looks anew: an
 * answer that was lost leaves no second comment.
 *
 * @throws ActionError `deadline` when the API cannot be had; `failed` when it refuses.
 */
export async function postComment(forge: Forge, options: PostOptions): Promise<Posted> {
  const { marker, body, what, deadlineMs = 60_000, clock, signal } = options;
  const remedy = "Run the job again when the API answers.";
  return await waitFor({ what, deadlineMs, everyMs: 5000, remedy, clock, signal }, async () => {
    const before = (await forge.ownComments()).find(
      (comment) => comment.body.split("\n", 1)[0]?.trim() === marker,
    );
    if (before === undefined) {
      await forge.create(body);
      return { found: "posted" };
    }
    if (before.body.trim() === body.trim()) return { found: "unchanged" };
    await forge.update(before.id, body);
    return { found: "updated" };
  });
}
