import { mkdir, open } from "node:fs/promises";
import { join } from "node:path";
import { automation } from "@pulumi/pulumi";
import { Failure } from "./failure.ts";
import { logDirectory } from "./paths.ts";
import type { Report } from "./progress.ts";

/** What the Automation API's `up`, `destroy` and `preview` take. */
export interface Handlers {
  readonly onOutput: (text: string) => void;
  readonly onEvent: (event: automation.EngineEvent) => void;
  readonly color: "never";
}

/**
 * Runs an update with its full output in a log file and its last line as progress.
 *
 * @throws Failure with the engine's own error messages and the place of the log.
 */
export async function followed<T>(
  stack: string,
  verb: string,
  report: Report,
  work: (handlers: Handlers) => Promise<T>,
): Promise<T> {
  await mkdir(logDirectory, { recursive: true });
  const path = join(logDirectory, `${stack}-${verb}.log`);
  const log = await open(path, "w", 0o600);
  const errors: string[] = [];
  let written = Promise.resolve();
  try {
    return await work({
      color: "never",
      onOutput: (text) => {
        written = written.then(() => log.writeFile(text));
        const last = text.trim().split("\n").at(-1);
        if (last !== undefined && last !== "") report(last);
      },
      onEvent: ({ diagnosticEvent: said }) => {
        if (said?.severity === "error") errors.push(said.message.trim());
      },
    });
  } catch (error) {
    throw updateFailure(verb, errors, path, error);
  } finally {
    await written;
    await log.close();
  }
}

function updateFailure(verb: string, errors: readonly string[], log: string, cause: unknown): Failure {
  if (cause instanceof automation.ConcurrentUpdateError) {
    return new Failure(
      "pulumi: the stack is locked",
      "another update of this stack is at work.",
      "Wait for it; if it was killed on another machine, run `pulumi cancel`.",
      { cause },
    );
  }
  const said = [...new Set(errors)].filter(
    (text) => !/^(update|destroy|preview|refresh) failed$/i.test(text),
  );
  const what = said.length > 0 ? said.join("\n") : cause instanceof Error ? cause.message : String(cause);
  return new Failure(
    what.replace(/^error\s+/, ""),
    `pulumi ${verb} stopped there; what was made until then stays in the state.`,
    `Mend the cause and run it again: it goes on from there. All of its output: ${log}`,
    { cause },
  );
}
