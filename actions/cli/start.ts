import type { Command } from "commander";
import { start } from "../verbs/start.ts";
import type { CliContext } from "./context.ts";

export function register(program: Command, context: CliContext): void {
  program
    .command("start")
    .description("start a cluster that was stopped, and wait until all of it serves")
    .action(async () => {
      await context.run(async (handle, narrator) => ({ report: await start(handle, {}, narrator) }));
    });
}
