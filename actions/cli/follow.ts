import type { Command } from "commander";
import { follow } from "../verbs/follow.ts";
import type { CliContext } from "./context.ts";

interface FollowFlags {
  readonly sourceStack: string;
  readonly reach?: string;
  readonly acceptDataLoss?: boolean;
}

export function register(program: Command, context: CliContext): void {
  program
    .command("follow")
    .description("have a cluster that has led follow the one that leads now; what only it has goes")
    .requiredOption("--source-stack <name>", "of the one that leads")
    .option("--reach <host:port>", "where that is reached (its endpoint)")
    .option("--accept-data-loss", "do it; without it, only what would be lost is told")
    .action(async ({ sourceStack, reach, acceptDataLoss }: FollowFlags) => {
      await context.run(async (handle, narrator, open) => {
        const source = await open(sourceStack);
        return { report: await follow(handle, { source, reach, acceptDataLoss }, narrator) };
      });
    });
}
