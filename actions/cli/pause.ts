import type { Command } from "commander";
import { pause } from "../verbs/pause.ts";
import type { CliContext } from "./context.ts";

export function register(program: Command, context: CliContext): void {
  program
    .command("pause")
    .description("keep Patroni from starting, stopping and promoting anything, for work by hand")
    .action(async () => {
      await context.run(async (handle, narrator) => ({ report: await pause(handle, narrator) }));
    });
}
