import type { Command } from "commander";
import { recordEvent } from "../events.ts";
import type { ClusterHandle } from "../handle.ts";
import { endpointProbe } from "../probe/endpoint-probe.ts";
import { type RestartReport, restart } from "../verbs/restart.ts";
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
        await record(handle, report);
        return outageOutcome(report);
      });
    });
}

/** What was measured is part of the cluster's history. */
async function record(handle: ClusterHandle, { restarted, leader, outage }: RestartReport): Promise<void> {
  if (outage === undefined) return;
  const members = restarted.map(({ member }) => member);
  const measured = { outageMs: Math.round(outage.longestGapMs), lost: outage.missing?.length ?? null };
  await recordEvent(handle, "restart", { leader, members, ...measured });
}
