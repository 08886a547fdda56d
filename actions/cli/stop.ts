import type { Command } from "commander";
import { stop } from "../verbs/stop.ts";
import type { CliContext } from "./context.ts";

export function register(program: Command, context: CliContext): void {
  program
    .command("stop")
    .description("stop PostgreSQL of every member; the containers go on")
    .action(async () => {
      await context.run(async (handle, narrator) => ({ report: await stop(handle, {}, narrator) }));
    });
}
