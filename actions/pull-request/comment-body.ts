/** What a comment says of a change. */
export interface CommentParts {
  readonly stack: string;
  /** The commit that was looked at. */
  readonly commit: string;
  /** In Markdown; empty when there is none. */
  readonly plan: string;
  /** What `pulumi preview --diff` said; empty when nothing is known of it. */
  readonly diff: string;
  /** Characters that the comment may have. */
  readonly limit: number;
}

/** The line, seen by nobody, by which the comment on a stack is found again. No name of a stack ends it early. */
export function marker(stack: string): string {
  return `<!-- pulumi-spilo plan ${stack.replaceAll(/[^A-Za-z0-9._/-]/g, "")} -->`;
}

/**
 * The comment: the plan for everybody, and what Pulumi says folded below it. What does not fit is cut off, and a sentence
 * says how much: of the diff first, and of the plan only if it alone is too long.
 */
export function commentBody({ stack, commit, plan, diff, limit }: CommentParts): string {
  const head = `${marker(stack)}\n### Plan of \`${stack}\` at ${commit.slice(0, 12)}\n\n`;
  // What spiloctl writes for others to post has the mark as well.
  const own = plan.replaceAll(marker(stack), "").trim();
  const told = own === "" ? noPlan : own;
  const whole = cut(told, limit - head.length - 1, "plan");
  const room = limit - head.length - whole.length - 2;
  return `${head}${whole}\n${folded(diff, room)}`;
}

const noPlan =
  "**There is no plan**: the preview failed, or what reads it did. Nothing is known of what this change does.";

/** Nothing when there is no room for a line of it. */
function folded(diff: string, room: number): string {
  const lines = diff.replaceAll("\r\n", "\n").trimEnd();
  if (lines.trim() === "") return "";
  // A fence ends at the first line that has as many backticks.
  const longest = Math.max(2, ...[...lines.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = "`".repeat(longest + 1);
  const [before, after] = [
    `\n<details><summary>pulumi preview --diff</summary>\n\n${fence}\n`,
    `\n${fence}\n</details>\n`,
  ];
  const space = room - before.length - after.length;
  return space < 200 ? "" : `${before}${cut(lines, space, "diff")}${after}`;
}

/** The first lines that fit, and how many there are. */
function cut(text: string, room: number, what: string): string {
  if (text.length <= room) return text;
  const lines = text.split("\n");
  const sentence = (shown: number) =>
    `\n… The ${what} is longer than a comment may be: ${shown} of ${lines.length} lines are shown. The log of the job has all of it.`;
  let left = room - sentence(lines.length).length;
  let shown = 0;
  for (const line of lines) {
    left -= line.length + 1;
    if (left < 0) break;
    shown += 1;
  }
  return `${lines.slice(0, shown).join("\n")}${sentence(shown)}`;
}
