import { type Command, InvalidArgumentError } from "commander";
import { exitCodes } from "../../cluster/running/exit-codes.ts";
import { type HistoryReport, history } from "../verbs/history.ts";
import type { CliContext, Outcome } from "./context.ts";
import { historyLines } from "./history-text.ts";

export function register(program: Command, context: CliContext): void {
  program
    .command("history")
    .description("show who led when, and what was measured and noted")
    .option("--limit <count>", "how many of each kind, the newest", countOf, 20)
    .action(async ({ limit }: { readonly limit: number }) => {
      await context.run(async (handle) => outcomeOf(await history(handle, { limit })), { onlyLooks: true });
    });
}

function outcomeOf(report: HistoryReport): Outcome {
  const isKnown = report.roleChanges !== null || report.events !== null;
  return {
    report,
    lines: (paint) => historyLines(report, paint),
    exitCode: isKnown ? exitCodes.done : exitCodes.unreachable,
  };
}

function countOf(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= 10_000) return count;
  throw new InvalidArgumentError("It takes a whole number from 1 to 10000.");
}
