/** One thing that is wrong with a specification, told so that its author can mend it. */
export interface SpecIssue {
  /** Where, as the user wrote it below `spilo:cluster`: `synchronous.count`, `placement.zones[0].host`. */
  readonly path: string;
  /** What stands there; absent when the key itself is the trouble, so that a misplaced secret is never printed. */
  readonly value?: unknown;
  /** What is wrong and what is allowed; lower case, no full stop. */
  readonly message: string;
  /** What to do: a sentence. */
  readonly remedy: string;
}

/** Everything that is wrong with a specification, at once. Nothing has been created when it is thrown. */
export class SpecError extends Error {
  override readonly name = "SpecError" as const;
  readonly issues: readonly SpecIssue[];

  constructor(issues: readonly SpecIssue[]) {
    super(issues.map(formatIssue).join("\n"));
    this.issues = issues;
  }
}

/** The configuration key that holds a cluster's specification. */
const clusterKey = "spilo:cluster";

/** The configuration key that holds the names of images on this machine. */
export const imagesKey = "spilo:images";

/**
 * An issue as a person reads it:
 *
 *     error  spilo:cluster.members: 12
 *            must be a whole number from 1 to 9.
 *            Set members to 3, or to what you need within that range.
 */
export function formatIssue(issue: SpecIssue): string {
  const path = issue.path.startsWith(imagesKey) ? issue.path : joinPath(clusterKey, issue.path);
  const lines = issue.value === undefined ? [issue.message] : [formatValue(issue.value), `${issue.message}.`];
  return `error  ${path}: ${[...lines, issue.remedy].join("\n       ")}`;
}

function joinPath(root: string, path: string): string {
  return path === "" ? root : `${root}.${path}`;
}

const longestValue = 60;

/** As it may be printed. */
export function formatValue(value: unknown): string {
  // A URL may hold credentials, and PEM a key; what is printed here ends in logs.
  const text = (JSON.stringify(value) ?? String(value))
    .replaceAll(/:\/\/[^/@"\s]*@/g, "://…@")
    .replace(/(-----BEGIN (?!CERTIFICATE)[A-Z ]*-----).*/, "$1…");
  return text.length > longestValue ? `${text.slice(0, longestValue)}…` : text;
}
