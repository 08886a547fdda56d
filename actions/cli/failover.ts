import type { Command } from "commander";
import { failover } from "../verbs/failover.ts";
import type { CliContext } from "./context.ts";
import { outageOutcome } from "./outage-outcome.ts";

interface FailoverFlags {
  readonly force?: boolean;
  readonly acceptDataLoss?: boolean;
  readonly to?: string;
}

export function register(program: Command, context: CliContext): void {
  program
    .command("failover")
    .description(
      "kill a leader that is well (a drill), or make a standby the leader in place of one that is lost",
    )
    .option("--force", "do it; without it, only what would be done is told")
    .option("--accept-data-loss", "also when commits may be lost")
    .option("--to <member>", "who is to lead in place of one that is lost (the fittest)")
    .action(async ({ force = false, acceptDataLoss = false, to }: FailoverFlags) => {
      await context.run(async (handle, narrator) =>
        outageOutcome(await failover(handle, { force, acceptDataLoss, to }, narrator)),
      );
    });
}
