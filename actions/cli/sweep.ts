import type { Command } from "commander";
import { exitCodes } from "../../cluster/running/exit-codes.ts";
import { engineOfThisMachine } from "../engine/own-engine.ts";
import { type SweepReport, sweep } from "../verbs/sweep.ts";
import { silent } from "../verbs/verb.ts";
import { columns } from "./columns.ts";
import type { CliContext, Outcome } from "./context.ts";

interface Flags {
  readonly engine: readonly string[];
  readonly project?: string;
  readonly yes: boolean;
}

export function register(program: Command, context: CliContext): void {
  program
    .command("sweep")
    .description("list the test clusters of an engine, and remove those whose ttl has ended")
    .option("--engine <address>", "an engine to look at, may be repeated (DOCKER_HOST)", collect, [])
    .option("--project <name>", "only clusters of this Pulumi project")
    .option("--yes", "remove them whole, with their data, backups and state", false)
    .action(async ({ engine, project, yes }: Flags) => {
      await context.runAlone(async ({ signal }) => {
        const engines = engine.length > 0 ? [...new Set(engine)] : [engineOfThisMachine()];
        return told(await sweep({ engines, project, remove: yes, key: keyOfEnvironment(), signal }, silent));
      });
    });
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

/** As other tools take them: a command line is for all to see. */
function keyOfEnvironment() {
  const [accessKey, secretKey] = [process.env["AWS_ACCESS_KEY_ID"], process.env["AWS_SECRET_ACCESS_KEY"]];
  return accessKey === undefined || secretKey === undefined ? undefined : { accessKey, secretKey };
}

function told(report: SweepReport): Outcome {
  const hasFailed = report.clusters.some(({ outcome }) => outcome === "failed");
  return {
    report,
    lines: () => linesOf(report),
    exitCode: hasFailed ? exitCodes.failed : exitCodes.done,
  };
}

function linesOf({ engines, clusters }: SweepReport): readonly string[] {
  if (clusters.length === 0) return [`no cluster on ${engines.join(", ")}`];
  const rows = columns(
    clusters.map((one) => [
      one.cluster,
      one.outcome,
      `${one.project}/${one.stack}`,
      one.owner ?? "",
      `${one.containers} containers, ${one.volumes} volumes`,
      one.why,
    ]),
  );
  const lines = clusters.flatMap(({ told }, index) => [
    rows[index] ?? "",
    ...told.map((line) => `  ${line}`),
  ]);
  const waiting = clusters.filter(({ outcome }) => outcome === "to be removed").length;
  const hint =
    waiting === 0 ? [] : [`\`spiloctl sweep --yes\` removes ${waiting} of them, with all that they have`];
  return [...lines, ...hint];
}
