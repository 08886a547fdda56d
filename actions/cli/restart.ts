import type { Command } from "commander";
import { endpointProbe } from "../probe/endpoint-probe.ts";
import { restart } from "../verbs/restart.ts";
import type { CliContext } from "./context.ts";
import { outageOutcome } from "./outage-outcome.ts";

interface RestartFlags {
  readonly pending?: boolean;
  readonly force?: boolean;
}

export function register(program: Command, context: CliContext): void {
  program
    .command("restart [member...]")
    .description("restart PostgreSQL of some members or all, one after the other, the leader last")
    .option("--pending", "only those for which a changed parameter waits")
    .option("--force", "also when another member is out of service")
    .action(async (members: readonly string[], { pending = false, force = false }: RestartFlags) => {
      await context.run(async (handle, narrator) => {
        const chosen = members.length === 0 ? {} : { members };
        const startProbe = () => endpointProbe(handle);
        const report = await restart(handle, { ...chosen, pending, force, startProbe }, narrator);
        return outageOutcome(report);
      });
    });
}
