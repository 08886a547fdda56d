import type { Command } from "commander";
import { type ReinitReport, reinit } from "../verbs/reinit.ts";
import type { CliContext, Outcome } from "./context.ts";
import { tookInWords } from "./words.ts";

export function register(program: Command, context: CliContext): void {
  program
    .command("reinit <member>")
    .description("throw the data of a standby away and copy it anew")
    .option("--force", "also when it is the only standby in service")
    .action(async (member: string, { force = false }: { readonly force?: boolean }) => {
      await context.run(async (handle, narrator) =>
        outcomeOf(await reinit(handle, { member, force }, narrator)),
      );
    });
}

function outcomeOf(report: ReinitReport): Outcome {
  const { withoutSynchronousMs: missed } = report;
  const line = `  ${tookInWords(missed)} with fewer synchronous standbys than are declared`;
  return { report, lines: () => (missed > 0 ? [line] : []) };
}
