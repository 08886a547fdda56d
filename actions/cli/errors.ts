import { CommanderError } from "commander";
import { type ExitCode, exitCodes } from "../../cluster/running/exit-codes.ts";
import { SpecError } from "../../cluster/schema/spec-error.ts";
import { ActionError, type ActionErrorCode, reasonOf } from "../action-error.ts";
import { Refusal } from "../verbs/verb.ts";
import type { Paint } from "./paint.ts";

/** Somebody wanted it to end. */
export class Interruption extends Error {
  override readonly name = "Interruption";

  constructor() {
    super("interrupted");
  }
}

/** An error as it is told: to people, to programs, and by the exit code. */
export interface ToldError {
  readonly exitCode: ExitCode;
  readonly text: (paint: Paint) => string;
  readonly json: object;
}

export function tell(error: unknown): ToldError {
  if (error instanceof Interruption) {
    return told(exitCodes.interrupted, "interrupted", error.message, () => "  interrupted\n");
  }
  if (error instanceof Refusal) return tellRefusal(error);
  if (error instanceof ActionError) {
    const exitCode = ofAction[error.code] ?? exitCodes.failed;
    return told(exitCode, error.code, error.message, errorText(error.message));
  }
  if (error instanceof CommanderError) {
    const message = error.message.replace(/^error: /, "");
    return told(exitCodes.usage, "usage", message, errorText(`${message}\nSee spiloctl help.`));
  }
  if (error instanceof SpecError)
    return told(exitCodes.failed, "failed", error.message, () => `${error.message}\n`);
  // A bug of ours: it shows where.
  const trace = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return told(exitCodes.failed, "failed", reasonOf(error), errorText(trace));
}

const ofAction: Readonly<Partial<Record<ActionErrorCode, ExitCode>>> = {
  deadline: exitCodes.deadline,
  unreachable: exitCodes.unreachable,
  "no-leader": exitCodes.unreachable,
};

function tellRefusal(refusal: Refusal): ToldError {
  const { reasons, remedy, dataMayBeLost } = refusal;
  const exitCode = dataMayBeLost ? exitCodes.dataLoss : exitCodes.refused;
  const code = dataMayBeLost ? "data-loss" : "refused";
  return {
    exitCode,
    text: (paint) =>
      `  ${paint("bad", "refused")}: ${reasons.join(";\n           ")}.\n  Nothing was changed. ${remedy}\n`,
    json: { error: { code, message: refusal.message, reasons, remedy }, exitCode },
  };
}

function told(exitCode: ExitCode, code: string, message: string, text: ToldError["text"]): ToldError {
  return { exitCode, text, json: { error: { code, message }, exitCode } };
}

/** What was found in the first line; why, and what to do, below it. */
function errorText(message: string): ToldError["text"] {
  return (paint) => `${paint("bad", "error")}  ${message.trimEnd().replaceAll("\n", "\n       ")}\n`;
}
