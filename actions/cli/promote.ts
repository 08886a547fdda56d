import type { Command } from "commander";
import { promote } from "../verbs/promote.ts";
import type { CliContext } from "./context.ts";

interface PromoteFlags {
  readonly sourceStack?: string;
  readonly reach?: string;
  readonly force?: boolean;
  readonly acceptDataLoss?: boolean;
}

export function register(program: Command, context: CliContext): void {
  program
    .command("promote")
    .description("have a cluster lead that follows another one; what may be lost is told first")
    .option(
      "--source-stack <name>",
      "of the other one: it is stopped first and follows then, and nothing is lost",
    )
    .option("--reach <host:port>", "where the other one reaches this cluster (its endpoint)")
    .option("--force", "without the other one's stack, also while it serves")
    .option("--accept-data-loss", "without the other one's stack")
    .action(async ({ sourceStack, reach, force, acceptDataLoss }: PromoteFlags) => {
      await context.run(async (handle, narrator, open) => {
        const source = sourceStack === undefined ? undefined : await open(sourceStack);
        return { report: await promote(handle, { source, reach, force, acceptDataLoss }, narrator) };
      });
    });
}
