import type { SpecIssue } from "../schema/spec-error.ts";

/** One that is this project's own, in the lines of `formatIssue`; Pulumi may have put words of its own before it. */
const refusal = /error {2}spilo:(\S+?): (.*(?:\n {7}.*)*)/g;

/**
 * What this project itself has refused, of the errors of a preview. What else stops one is no refusal: nobody has said that
 * the change may not be made.
 */
export function refusalsIn(errors: readonly string[]): readonly SpecIssue[] {
  return errors.flatMap((text) =>
    [...text.matchAll(refusal)].map(([, key = "", said = ""]) => issueOf(key, said)),
  );
}

function issueOf(key: string, said: string): SpecIssue {
  const [head = "", ...others] = said.split("\n").map((line) => line.trim());
  // Below the value stands what is wrong with it.
  const [message = "", ...remedy] = isValue(head) ? others : [head, ...others];
  return {
    path: pathOf(key),
    message: message.replace(/\.$/, ""),
    remedy: remedy.join(" "),
  };
}

/** As an issue has it: below `spilo:cluster`. */
function pathOf(key: string): string {
  const [first, ...path] = key.split(".");
  return first === "cluster" ? path.join(".") : `spilo:${key}`;
}

/** Of JSON; a message begins with a word. */
function isValue(head: string): boolean {
  return /^(["[{\d-]|(true|false|null)$)/.test(head);
}
