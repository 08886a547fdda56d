import type { Command } from "commander";
import { resume } from "../verbs/resume.ts";
import type { CliContext } from "./context.ts";

export function register(program: Command, context: CliContext): void {
  program
    .command("resume")
    .description("end a pause")
    .action(async () => {
      await context.run(async (handle, narrator) => ({ report: await resume(handle, narrator) }));
    });
}
