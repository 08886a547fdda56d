import type { Command } from "commander";
import { describeOutage } from "../probe/describe-outage.ts";
import { endpointProbe } from "../probe/endpoint-probe.ts";
import { type MaintainReport, maintain } from "../verbs/maintain.ts";
import type { CliContext } from "./context.ts";
import type { Paint } from "./paint.ts";

interface MaintainFlags {
  readonly now?: boolean;
  readonly dryRun?: boolean;
}

export function register(program: Command, context: CliContext): void {
  program
    .command("maintain")
    .description("do what is pending, such as restarts, in the maintenance window and as far as it fits")
    .option("--now", "outside of the window too, and however long it takes")
    .option("--dry-run", "only say what is pending, and when it would be done")
    .action(async ({ now = false, dryRun = false }: MaintainFlags) => {
      await context.run(
        async (handle, narrator) => {
          const startProbe = () => endpointProbe(handle);
          const report = await maintain(handle, { anyTime: now, dryRun, startProbe }, narrator);
          return { report, lines: (paint) => maintainLines(report, paint) };
        },
        { onlyLooks: dryRun },
      );
    });
}

/** What was pending has been told as it went; here is what is left. */
function maintainLines({ outage, waiting, unknown }: MaintainReport, paint: Paint): readonly string[] {
  return [
    ...(outage === undefined ? [] : [`  ${describeOutage(outage)}`]),
    ...waiting.map(({ what, at, because }) => {
      const when = at === null ? "" : ` until ${at}`;
      return `  waits${when}: ${what} (${because})`;
    }),
    ...unknown.map(({ what, reason }) => `  ${paint("warn", "unknown")}  ${what}: ${reason}`),
  ];
}
