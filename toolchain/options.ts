import { parseArgs } from "node:util";
import { Failure } from "./failure.ts";

/** Options of the verbs that work on a stack. */
export interface StackOptions {
  readonly stack: string;
  readonly forget: boolean;
  /** How many zones are to be made on this machine; undefined: none are. */
  readonly zones?: number;
}

/** Throws a {@link Failure} for what no verb understands. */
export function stackOptions(args: string[]): StackOptions {
  try {
    const { values } = parseArgs({
      args,
      options: {
        stack: { type: "string", default: "dev" },
        forget: { type: "boolean", default: false },
        zones: { type: "string" },
      },
    });
    const { zones, ...others } = values;
    return zones === undefined ? others : { ...others, zones: zoneCount(zones) };
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure(
      `./run: ${args.join(" ")}`,
      error instanceof Error ? error.message : String(error),
      "See ./run help.",
      { cause: error },
    );
  }
}

function zoneCount(text: string): number {
  if (/^[2-9]$/.test(text)) return Number(text);
  throw new Failure(`--zones ${text}`, "must be a number from 2 to 9.", "Write for example --zones 3.");
}
