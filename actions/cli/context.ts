import type { ExitCode } from "../../cluster/running/exit-codes.ts";
import type { ClusterHandle } from "../handle.ts";
import type { Narrator } from "../verbs/verb.ts";
import type { Paint } from "./paint.ts";

/** What came of a verb. */
export interface Outcome {
  /** Printed with `--json`: plain data, without a secret. */
  readonly report: object;
  /** Printed for people, after what the verb has told as it went. @default nothing */
  readonly lines?: (paint: Paint) => readonly string[];
  /** @default 0 */
  readonly exitCode?: ExitCode;
}

interface RunOptions {
  /** There is nothing to put right when somebody interrupts it. @default false */
  readonly onlyLooks?: boolean;
}

/** What a verb's part of the command line works with. */
export interface CliContext {
  /**
   * Reads the stack, has the verb work on its cluster, prints what came of it, and keeps the exit code. Errors are the
   * caller's to throw and this one's to print.
   */
  run(
    work: (
      handle: ClusterHandle,
      narrator: Narrator,
      /** The cluster of another stack. */
      open: (stack: string) => Promise<ClusterHandle>,
    ) => Promise<Outcome>,
    options?: RunOptions,
  ): Promise<void>;
  /** The same for a verb that needs no running cluster: no stack's outputs are read. */
  runAlone(
    work: (place: {
      readonly stack: string | undefined;
      readonly signal: AbortSignal;
      readonly narrator: Narrator;
      /** The running cluster, for what looks at it if that can be. @param stack @default the one that is named, or selected */
      readonly open: (stack?: string) => Promise<ClusterHandle>;
    }) => Promise<Outcome>,
  ): Promise<void>;
  /** Prints an outcome while the verb goes on: a line of JSON, or lines for people. */
  show(outcome: Outcome): void;
  /** Whether somebody looks on: what is shown replaces what was, and is in colour. Not with `--json`. */
  readonly isTerminal: boolean;
}

/** The surroundings of the command line; a test hands in its own. */
export interface CliIo {
  /** Standard output and standard error. */
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly isTerminal: boolean;
  /** Calls back each time that somebody wants it to end; returns what stops that. */
  readonly onInterrupt: (listener: () => void) => () => void;
  readonly open: (stack: string | undefined, signal: AbortSignal) => Promise<ClusterHandle>;
  /** Ends the process, for whoever interrupts twice. */
  readonly exit: (code: ExitCode) => void;
}
