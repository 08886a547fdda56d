import { createRequire } from "node:module";
import type * as Aws from "@pulumi/aws";

/** The types of AWS's resources. They are many, and a stack on Docker loads none of them. */
export function awsSdk(): typeof Aws {
  return createRequire(import.meta.url)("@pulumi/aws");
}
