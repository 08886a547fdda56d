import type { ExitCode } from "../../cluster/running/exit-codes.ts";
import { clusterHandle } from "../handle.ts";
import { readStackOutputs } from "../stack-outputs.ts";
import { register as backup } from "./backup.ts";
import type { CliIo } from "./context.ts";
import { register as failover } from "./failover.ts";
import { register as follow } from "./follow.ts";
import { register as history } from "./history.ts";
import { register as images } from "./images.ts";
import { register as maintain } from "./maintain.ts";
import { register as pause } from "./pause.ts";
import { plan } from "./plan.ts";
import { type Register, runCli } from "./program.ts";
import { register as promote } from "./promote.ts";
import { pullRequest } from "./pull-request.ts";
import { register as reinit } from "./reinit.ts";
import { register as restart } from "./restart.ts";
import { register as restore } from "./restore.ts";
import { register as resume } from "./resume.ts";
import { register as start } from "./start.ts";
import { register as status } from "./status.ts";
import { register as stop } from "./stop.ts";
import { register as sweep } from "./sweep.ts";
import { register as switchover } from "./switchover.ts";
import { register as volumes } from "./volumes.ts";
import { zones } from "./zones.ts";

/** In the order in which `spiloctl help` names them. */
const verbs = (options: MainOptions): readonly Register[] => [
  status,
  history,
  switchover,
  failover,
  restart,
  maintain,
  reinit,
  pause,
  resume,
  stop,
  start,
  backup,
  volumes,
  restore,
  promote,
  follow,
  sweep,
  images,
  zones(options),
  plan(options),
  pullRequest(options),
];

export interface MainOptions {
  /** The stack without `--stack`. @default the one that is selected in the folder */
  readonly defaultStack?: string;
  /** Of the program (Pulumi.yaml). @default the current one */
  readonly folder?: string;
}

/**
 * The command `spiloctl`.
 *
 * @param argv without the names of the programs.
 * @returns the exit code: see `exitCodeTable`.
 */
export async function main(argv: readonly string[], options: MainOptions = {}): Promise<ExitCode> {
  return runCli(argv, verbs(options), systemIo(options));
}

function systemIo({ defaultStack, folder }: MainOptions): CliIo {
  return {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
    isTerminal: process.stdout.isTTY,
    onInterrupt: (listener) => {
      const signals = ["SIGINT", "SIGTERM"] as const;
      for (const signal of signals) process.on(signal, listener);
      return () => {
        for (const signal of signals) process.off(signal, listener);
      };
    },
    open: async (stack = defaultStack, signal) =>
      clusterHandle(await readStackOutputs({ stack, folder, signal }), { signal }),
    exit: (code) => process.exit(code),
  };
}
