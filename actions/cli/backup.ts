import type { Command } from "commander";
import { exitCodes } from "../../cluster/running/exit-codes.ts";
import { backupNow } from "../verbs/backup-now.ts";
import { listBackups } from "../verbs/list-backups.ts";
import { verifyBackup } from "../verbs/verify-backup.ts";
import { backupsLines, madeLine, verdictLine } from "./backup-text.ts";
import type { CliContext } from "./context.ts";

export function register(program: Command, context: CliContext): void {
  const backup = program
    .command("backup")
    .description("base backups: make one now, list them, verify one by restoring it")
    .usage("now | list | verify [options]")
    .action(() => backup.error("backup takes one of: now, list, verify"));
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
    .option("--second", "what the second bucket holds")
    .action(
      async ({ all = false, second = false }: { readonly all?: boolean; readonly second?: boolean }) => {
        await context.run(
          async (handle) => {
            const report = await listBackups(handle, { all, second });
            return { report, lines: (paint) => backupsLines(report, paint) };
          },
          { onlyLooks: true },
        );
      },
    );
  backup
    .command("verify [name]")
    .description("restore a base backup (the newest) into a throw-away server, and look at all of it")
    .action(async (name?: string) => {
      await context.run(async (handle, narrator) => {
        const report = await verifyBackup(handle, { name }, narrator);
        const exitCode = report.good ? exitCodes.done : exitCodes.failed;
        return { report, lines: (paint) => [verdictLine(report, paint)], exitCode };
      });
    });
}
