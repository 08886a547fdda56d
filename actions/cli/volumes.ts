import type { Command } from "commander";
import { type VolumesReport, volumes } from "../verbs/volumes.ts";
import { columns } from "./columns.ts";
import type { CliContext } from "./context.ts";

export function register(program: Command, context: CliContext): void {
  program
    .command("volumes")
    .description("list the volumes of members that have left")
    .option("--prune", "remove them, with the data on them", false)
    .action(async ({ prune }: { readonly prune: boolean }) => {
      await context.run(
        async (handle, narrator) => {
          const report = await volumes(handle, { prune }, narrator);
          return { report, lines: () => linesOf(report) };
        },
        { onlyLooks: !prune },
      );
    });
}

function linesOf({ cluster, retained, removed }: VolumesReport): readonly string[] {
  if (retained.length === 0) {
    return removed.length === 0 ? [`${cluster} has no volume of a member that has left`] : [];
  }
  const rows = retained.map(({ name, engine, createdAt }) => [name, engine, createdAt ?? ""]);
  return [
    ...columns(rows),
    "a member that comes back takes its own; `spiloctl volumes --prune` removes them",
  ];
}
