import type { Command } from "commander";
import { type ExitCode, exitCodes } from "../../cluster/running/exit-codes.ts";
import { type PlanReport, plan as planOf } from "../verbs/plan.ts";
import type { CliContext } from "./context.ts";
import { planMarkdown } from "./plan-markdown.ts";
import { planLines } from "./plan-text.ts";
import type { Register } from "./program.ts";

interface Surroundings {
  /** The stack without `--stack`. @default the one that is selected in the folder */
  readonly defaultStack?: string;
  /** Of the program (Pulumi.yaml). @default the current one */
  readonly folder?: string;
}

interface Flags {
  readonly preview?: string;
  readonly state?: string;
  readonly destroy?: true;
  readonly offline?: true;
  readonly markdown?: true;
  readonly look: boolean;
}

const codes = `
Exit codes of plan, which changes nothing:
    0  no data would be lost: the risk is none, low, outage or high
    1  there is no plan: the error says why
    3  data would be lost, and the plan names it
   10  \`pulumi up\` would refuse the change, and the plan says why`;

/** Says what a change does, before it is made. */
export function plan({ defaultStack, folder }: Surroundings = {}): Register {
  return (program: Command, context: CliContext) => {
    const command = program
      .command("plan")
      .description(
        "say what the next `pulumi up` does to the running cluster: from a preview, and one look at it",
      )
      .option("--preview <file>", "read a saved `pulumi preview --json --show-sames`, - for standard input")
      .option("--state <file>", "read a saved `pulumi stack export`, - for standard input")
      .option("--destroy", "of `pulumi destroy`")
      .option("--offline", "without a preview: compare the configuration with the state; no engine is asked")
      .option("--no-look", "do not ask the members: say what is certain whoever leads")
      .option("--markdown", "as a comment of a pull request")
      .addHelpText("after", codes);
    command.action(async (flags: Flags) => {
      const { preview, state, destroy = false, offline = false, markdown = false, look } = flags;
      if (offline && (preview !== undefined || destroy))
        command.error("error: --offline makes no preview, and reads none");
      if (preview === "-" && state === "-")
        command.error("error: only one of --preview and --state can be -");
      await context.runAlone(async ({ stack: named, signal, open }) => {
        // A saved preview says itself which stack it is of.
        const stack = named ?? (preview === undefined ? defaultStack : undefined);
        const report = await planOf({
          ...{ stack, folder, signal, preview, state, destroy, offline },
          open: look ? open : undefined,
        });
        return {
          report,
          lines: (paint) => (markdown ? planMarkdown(report) : planLines(report, paint)),
          exitCode: exitCodeOf(report),
        };
      });
    });
  };
}

export function exitCodeOf({ clusters }: Pick<PlanReport, "clusters">): ExitCode {
  const risks = clusters.map(({ risk }) => risk);
  // One that is refused stops the whole update, so nothing of it is lost.
  if (risks.includes("refused")) return exitCodes.wouldBeRefused;
  return risks.includes("data loss") ? exitCodes.refused : exitCodes.done;
}
