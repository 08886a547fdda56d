import { type Command, Option } from "commander";
import { cancelSwitchover, listSwitchover, scheduleSwitchover } from "../switchover/schedule.ts";
import { switchover } from "../verbs/switchover.ts";
import type { CliContext } from "./context.ts";
import { outageOutcome } from "./outage-outcome.ts";

interface SwitchoverFlags {
  readonly to?: string;
  readonly at?: string;
  readonly list?: boolean;
  readonly cancel?: boolean;
}

export function register(program: Command, context: CliContext): void {
  program
    .command("switchover")
    .description("hand the leadership to a standby in good order, and measure what applications see of it")
    .option("--to <member>", "who is to lead (the best standby)")
    .option("--at <time>", "later, by Patroni alone: a time of ISO 8601 with a zone")
    .addOption(new Option("--list", "show what is scheduled").conflicts(["to", "at", "cancel"]))
    .addOption(new Option("--cancel", "take back what is scheduled").conflicts(["to", "at"]))
    .action(async ({ to, at, list, cancel }: SwitchoverFlags) => {
      await context.run(
        async (handle, narrator) => {
          if (list) return { report: await listSwitchover(handle, narrator) };
          if (cancel) return { report: await cancelSwitchover(handle, narrator) };
          if (at !== undefined) return { report: await scheduleSwitchover(handle, { at, to }, narrator) };
          return outageOutcome(await switchover(handle, { to }, narrator));
        },
        { onlyLooks: list === true },
      );
    });
}
