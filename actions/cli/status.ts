import { type Command, InvalidArgumentError } from "commander";
import type { ClusterHandle } from "../handle.ts";
import { exitCodeOf } from "../status/degraded.ts";
import type { StatusReport } from "../status/report.ts";
import { status } from "../verbs/status.ts";
import type { CliContext, Outcome } from "./context.ts";
import { statusLines } from "./status-text.ts";

/** Between two looks, unless another number is given. */
const WATCH_SECONDS = 2;

export function register(program: Command, context: CliContext): void {
  program
    .command("status")
    .description("show who leads, how far the others are behind, and what is not as it should be")
    .option("--watch [seconds]", "again and again, until it is interrupted (every 2 s)", secondsOf)
    .action(async ({ watch }: { readonly watch?: number | true }) => {
      await context.run(
        (handle) => {
          if (watch === undefined) return look(handle);
          return keepLooking(handle, context, watch === true ? WATCH_SECONDS : watch);
        },
        { onlyLooks: true },
      );
    });
}

async function look(handle: ClusterHandle): Promise<Outcome> {
  return outcomeOf(await status(handle));
}

function outcomeOf(report: StatusReport): Outcome {
  return { report, lines: (paint) => statusLines(report, paint), exitCode: exitCodeOf(report) };
}

/** A terminal shows each look; a log gets one when something has changed. */
async function keepLooking(handle: ClusterHandle, context: CliContext, seconds: number): Promise<never> {
  let before: StatusReport | undefined;
  for (;;) {
    const report = await status(handle, { lastKnown: before?.haState ?? undefined });
    const isNews = before === undefined || lasting(report) !== lasting(before);
    if (isNews || context.isTerminal) context.show(outcomeOf(report));
    before = report;
    // Whoever interrupts ends it here.
    await handle.clock.sleep(seconds * 1000, handle.signal);
  }
}

/** What does not change from look to look by itself, as time, lag and figures do. */
function lasting(report: StatusReport): string {
  const { haState, leader, timeline, paused, stopped, scheduled, synchronous, endpoint } = report;
  const members = report.members.map(({ lagBytes: _, lagSeconds: __, reason: ___, ...rest }) => rest);
  const replicas = report.replicas.map(({ lagBytes: _, reason: __, ...rest }) => rest);
  const voters = report.etcd.map(({ name, healthy, leads, alarms }) => ({ name, healthy, leads, alarms }));
  const unknown = report.unknown.map(({ what }) => what);
  const backup = report.backups?.last?.name;
  const failures = report.archive?.failures;
  const roles = { haState, leader, timeline, paused, stopped, scheduled, synchronous, endpoint };
  return JSON.stringify({ ...roles, members, replicas, voters, unknown, backup, failures });
}

function secondsOf(text: string): number {
  const seconds = Number(text);
  if (seconds >= 1 && seconds <= 3600) return seconds;
  throw new InvalidArgumentError("It takes a number of seconds from 1 to 3600.");
}
