import type { Command } from "commander";
import { writeSshFolder } from "../pull-request/ssh-folder.ts";
import { commentPlan } from "../verbs/comment-plan.ts";
import { requestDown, requestUp } from "../verbs/request-cluster.ts";
import type { CliContext } from "./context.ts";
import type { Register } from "./program.ts";

interface Surroundings {
  /** Of the program (Pulumi.yaml). @default the current one */
  readonly folder?: string;
}

/** What jobs of a CI do for a pull request. None of it reads a running cluster. */
export function pullRequest({ folder }: Surroundings = {}): Register {
  return (program: Command, context: CliContext) => {
    const group = program
      .command("pull-request")
      .description(
        "in a job of a CI: comment the plan on the pull request; bring its own cluster up, or down",
      )
      .usage("comment | up | down | ssh [options]")
      .action(() => group.error("pull-request takes one of: comment, up, down, ssh"));
    group
      .command("comment")
      .description("post the plan as the one comment on the pull request, or update it")
      .requiredOption("--plan <file>", "what spiloctl plan --markdown has written")
      .option("--diff <file>", "what pulumi preview --diff has said, to be folded below it")
      .action(async ({ plan, diff }: { readonly plan: string; readonly diff?: string }) => {
        await context.runAlone(async ({ stack, signal }) => {
          const named = stack ?? group.error("--stack is missing: the comment is on one stack");
          const report = await commentPlan({ stack: named, plan, diff, signal });
          const { pullRequest: number, comment } = report;
          return { report, lines: () => [`  comment on pull request ${number}: ${comment}`] };
        });
      });
    group
      .command("up")
      .description("bring up the cluster of the pull request, in a stack of its own")
      .requiredOption("--template <file>", "the configuration that the stack is made from")
      .option("--ttl <time>", "how long it may live when nobody takes it down", "2d")
      .action(async ({ template, ttl }: { readonly template: string; readonly ttl: string }) => {
        await context.runAlone(async ({ signal }) => {
          const report = await requestUp({ template, ttl, folder, signal });
          const { stack, cluster, owner } = report;
          return { report, lines: () => [`  stack ${stack}: cluster ${cluster} of ${owner}, for ${ttl}`] };
        });
      });
    group
      .command("down")
      .description("take down the cluster of the pull request, with its stack")
      .action(async () => {
        await context.runAlone(async ({ signal }) => {
          const report = await requestDown({ folder, signal });
          const how = report.removed ? "removed" : "there is none";
          return { report, lines: () => [`  stack ${report.stack}: ${how}`] };
        });
      });
    group
      .command("ssh <folder>")
      .description(
        "write a folder whose ssh has the key in SPILO_SSH_KEY alone, and print its path, for PATH",
      )
      .action(async (path: string) => {
        await context.runAlone(async () => {
          const written = await writeSshFolder(path, process.env);
          return { report: { folder: written }, lines: () => [written] };
        });
      });
  };
}
