import { parseArgs } from "node:util";
import { Failure } from "./failure.ts";

/** Options of the verbs that work on a stack. */
export interface StackOptions {
  readonly stack: string;
  readonly forget: boolean;
}

/** Throws a {@link Failure} for what no verb understands. */
export function stackOptions(args: string[]): StackOptions {
  try {
    const { values } = parseArgs({
      args,
      options: { stack: { type: "string", default: "dev" }, forget: { type: "boolean", default: false } },
    });
    return values;
  } catch (error) {
    throw new Failure(
      `./run: ${args.join(" ")}`,
      error instanceof Error ? error.message : String(error),
      "See ./run help.",
      { cause: error },
    );
  }
}
