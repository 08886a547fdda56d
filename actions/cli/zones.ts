import { Argument, type Command } from "commander";
import { type ExitCode, exitCodes } from "../../cluster/running/exit-codes.ts";
import { probeZones, type ZonesReport } from "../verbs/probe-zones.ts";
import type { CliContext } from "./context.ts";
import type { Register } from "./program.ts";
import { zonesLines } from "./zones-text.ts";

interface Surroundings {
  /** The stack without `--stack`. @default the one that is selected in the folder */
  readonly defaultStack?: string;
  /** Of the program (Pulumi.yaml). @default the current one */
  readonly folder?: string;
}

/** Works on the configuration of a stack, before there are outputs, and when they cannot be read. */
export function zones({ defaultStack, folder }: Surroundings = {}): Register {
  return (program: Command, context: CliContext) => {
    program
      .command("zones")
      .description("probe: ask the engine of every declared zone whether it can be had, before `pulumi up`")
      .addArgument(new Argument("<task>", "what to do").choices(["probe"]))
      .option("--write", "set `available` of the zones in Pulumi.<stack>.yaml to what was found")
      .action(async (_task: string, { write = false }: { readonly write?: boolean }) => {
        await context.runAlone(async ({ stack = defaultStack, signal }) => {
          const report = await probeZones({ stack, folder, write, signal });
          return { report, lines: (paint) => zonesLines(report, paint), exitCode: exitCodeOf(report) };
        });
      });
  };
}

function exitCodeOf({ zones: found, written }: ZonesReport): ExitCode {
  const refuses = found.some(({ answers }) => answers === null);
  const differs = found.some(({ toWrite }) => toWrite !== null);
  return refuses || (differs && !written) ? exitCodes.notAsDeclared : exitCodes.done;
}
