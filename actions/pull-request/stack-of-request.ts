import { isMap, parseDocument } from "yaml";
import { ActionError } from "../action-error.ts";

export interface RequestStack {
  /** Of the stack: `pr-17`. */
  readonly stack: string;
  /** Of the cluster: the template's with that behind it. */
  readonly cluster: string;
  /** The configuration, as a file. */
  readonly text: string;
}

export interface RequestStackOptions {
  /** The file that the text is from, for messages. */
  readonly file: string;
  /** Of the pull request. */
  readonly number: number;
  readonly owner: string;
  /** How long the cluster may live: `2d`. */
  readonly ttl: string;
}

/** The stack of a pull request, whoever asks. */
export function stackOfRequest(number: number): string {
  return `pr-${number}`;
}

/**
 * The configuration of a pull request's own stack, from one that is written down for all of them: with a name, an owner and
 * a time to live of its own, and with nothing that keeps it from being taken down.
 *
 * @throws ActionError `failed` when the template declares no cluster.
 */
export function requestStack(template: string, options: RequestStackOptions): RequestStack {
  const { file, number, owner, ttl } = options;
  const document = parseDocument(template);
  const path = ["config", "spilo:cluster"];
  const declared = document.getIn(path);
  const name = document.getIn([...path, "name"]);
  if (document.errors.length > 0 || !isMap(declared) || typeof name !== "string") {
    throw new ActionError(
      "failed",
      `${file}: declares no cluster\nthe stack of a pull request is made from it, so config has to have spilo:cluster with a name.\n` +
        "Write it as the configuration of any stack (docs/settings.md), small.",
    );
  }
  const stack = stackOfRequest(number);
  const cluster = `${name}-${stack}`;
  const own = { name: cluster, owner, ttl, deletionProtection: false, finalBackup: false };
  for (const [key, value] of Object.entries(own)) document.setIn([...path, key], value);
  return { stack, cluster, text: document.toString() };
}
