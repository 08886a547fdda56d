import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";

/**
 * Another text whenever a container is to be made of something else. It is as secret as what is in it, and not known
 * before all of that is.
 */
export function digestOfArgs(args: object): pulumi.Output<string> {
  return pulumi
    .output(args)
    .apply((known) => createHash("sha256").update(JSON.stringify(known, sortedKeys)).digest("hex"));
}

/** The order of keys says nothing. */
function sortedKeys(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1)));
}
