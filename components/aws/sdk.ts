import { createRequire } from "node:module";
import type * as Aws from "@pulumi/aws";
import { refusal } from "../refusal.ts";

/**
 * The types of AWS's resources. They are many, so a stack on Docker loads none of them and need not have them.
 *
 * @throws pulumi.RunError when the package is not installed.
 */
export function awsSdk(): typeof Aws {
  try {
    return createRequire(import.meta.url)("@pulumi/aws");
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "MODULE_NOT_FOUND")) throw error;
    throw refusal(
      'error  spilo:cluster.platform: "aws"\n' +
        "       the package @pulumi/aws is not installed: clusters on Docker do without it.\n" +
        "       Run npm install @pulumi/aws@^7.48.0.",
    );
  }
}
