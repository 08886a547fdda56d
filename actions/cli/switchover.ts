import { type Command, Option } from "commander";
import { cancelSwitchover, listSwitchover, scheduleSwitchover } from "../switchover/schedule.ts";
import { switchover } from "../verbs/switchover.ts";
import { switchoverHome } from "../verbs/switchover-home.ts";
import type { CliContext } from "./context.ts";
import { outageOutcome } from "./outage-outcome.ts";

interface SwitchoverFlags {
  readonly to?: string;
  readonly home?: boolean;
  readonly at?: string;
  readonly list?: boolean;
  readonly cancel?: boolean;
  readonly force?: boolean;
}

export function register(program: Command, context: CliContext): void {
  program
    .command("switchover")
    .description("hand the leadership to a standby in good order, and measure what applications see of it")
    .option("--to <member>", "who is to lead (the best standby)")
    .addOption(
      new Option("--home", "to the member that belongs in placement.primaryZone, or keeps the zone promise")
        // By a time, another member may be the one; --to names it.
        .conflicts(["to", "at"]),
    )
    .option("--at <time>", "later, by Patroni alone: a time of ISO 8601 with a zone")
    .addOption(new Option("--list", "show what is scheduled").conflicts(["to", "home", "at", "cancel"]))
    .addOption(new Option("--cancel", "take back what is scheduled").conflicts(["to", "home", "at"]))
    .addOption(
      new Option(
        "--force",
        "also when WAL waits on the leader that cannot be archived: the archive lacks it from then on",
      ).conflicts(["at", "list", "cancel"]),
    )
    .action(async ({ to, home, at, list, cancel, force = false }: SwitchoverFlags) => {
      const unarchived = force ? "leave" : "refuse";
      await context.run(
        async (handle, narrator) => {
          if (list) return { report: await listSwitchover(handle, narrator) };
          if (cancel) return { report: await cancelSwitchover(handle, narrator) };
          if (at !== undefined) return { report: await scheduleSwitchover(handle, { at, to }, narrator) };
          if (home) return outageOutcome(await switchoverHome(handle, { unarchived }, narrator));
          return outageOutcome(await switchover(handle, { to, unarchived }, narrator));
        },
        { onlyLooks: list === true },
      );
    });
}
