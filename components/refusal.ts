import * as pulumi from "@pulumi/pulumi";

/**
 * What ends a program with a text and nothing else. It has no stack: Pulumi would not print it, but have Node inspect it,
 * which for modules that are compiled on the fly takes a minute and 3 GB.
 */
export function refusal(text: string): pulumi.RunError {
  return Object.assign(new pulumi.RunError(text), { stack: "" });
}
