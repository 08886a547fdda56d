import type { Command } from "commander";
import { backupNow } from "../verbs/backup-now.ts";
import { listBackups } from "../verbs/list-backups.ts";
import { backupsLines, madeLine } from "./backup-text.ts";
import type { CliContext } from "./context.ts";

export function register(program: Command, context: CliContext): void {
  const backup = program
    .command("backup")
    .description("base backups: make one now, or list them")
    .usage("now | list [options]")
    .action(() => backup.error("backup takes one of: now, list"));
  backup
    .command("now")
    .description("make a base backup on the leader, and look into the bucket whether it is there")
    .action(async () => {
      await context.run(async (handle, narrator) => {
        const report = await backupNow(handle, {}, narrator);
        return { report, lines: () => [madeLine(report)] };
      });
    });
  backup
    .command("list")
    .description("show the base backups in the bucket, and between which times a restore can go")
    .option("--all", "also what earlier lives of the cluster have left in the bucket")
    .action(async ({ all = false }: { readonly all?: boolean }) => {
      await context.run(
        async (handle) => {
          const report = await listBackups(handle, { all });
          return { report, lines: (paint) => backupsLines(report, paint) };
        },
        { onlyLooks: true },
      );
    });
}
