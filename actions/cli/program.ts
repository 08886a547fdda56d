import { Command, CommanderError } from "commander";
import { type ExitCode, exitCodes, exitCodeTable } from "../../cluster/running/exit-codes.ts";
import type { Narrator } from "../verbs/verb.ts";
import { columns } from "./columns.ts";
import type { CliContext, CliIo, Outcome } from "./context.ts";
import { Interruption, tell } from "./errors.ts";
import { narration, quietNarration } from "./narration.ts";
import { coloured, colourless, type Paint } from "./paint.ts";

/** Adds a verb to the command line. */
export type Register = (program: Command, context: CliContext) => void;

interface GlobalOptions {
  readonly stack?: string;
  readonly json?: true;
  readonly color: boolean;
}

/**
 * Does what the arguments say, prints what came of it, and returns the exit code. Nothing is thrown.
 *
 * @param argv without the names of the programs.
 */
export async function runCli(
  argv: readonly string[],
  verbs: readonly Register[],
  io: CliIo,
): Promise<ExitCode> {
  const program = new Command("spiloctl");
  const options = () => program.opts<GlobalOptions>();
  const session = new Session(io, options);
  declareGlobals(program, io);
  for (const register of verbs) register(program, session);
  declareHelp(program, io);
  try {
    await program.parseAsync(argv.length === 0 ? ["help"] : [...argv], { from: "user" });
    return session.exitCode;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return exitCodes.done;
    // What was not parsed may still say how it wants to be told so.
    return session.fail(error, options().json ?? argv.includes("--json"));
  }
}

function declareGlobals(program: Command, { out }: CliIo): void {
  program
    .description("Looks after a running cluster of pulumi-spilo: what it does is safe to do twice.")
    .usage("VERB [options]")
    .option("--stack <name>", "the stack of the cluster (default: the one that is selected in this folder)")
    .option("--json", "print the report, or the error, as JSON")
    .option("--no-color", "no colour on a terminal either")
    .helpCommand(false)
    .configureHelp({ showGlobalOptions: true })
    .exitOverride()
    .configureOutput({ writeOut: out, outputError: () => undefined });
}

/** `help`, `help VERB` and `help exit-codes`. */
function declareHelp(program: Command, { out }: CliIo): void {
  program
    .command("help [topic]")
    .description("show the verbs, or the options of one of them, or the exit codes (exit-codes)")
    .action((topic?: string) => {
      if (topic === undefined) return program.outputHelp();
      if (topic === "exit-codes") return out(`${exitCodeLines().join("\n")}\n`);
      const verb = program.commands.find((command) => command.name() === topic);
      if (verb === undefined) program.error(`there is no verb ${topic}`);
      else verb.outputHelp();
    });
}

function exitCodeLines(): readonly string[] {
  return columns(exitCodeTable.map(({ code, meaning }) => [String(code).padStart(3), meaning]));
}

/** One run of the command line. */
class Session implements CliContext {
  exitCode: ExitCode = exitCodes.done;
  private readonly io: CliIo;
  private readonly options: () => GlobalOptions;

  constructor(io: CliIo, options: () => GlobalOptions) {
    this.io = io;
    this.options = options;
  }

  get isTerminal(): boolean {
    return this.io.isTerminal && !this.isJson;
  }

  private get isJson(): boolean {
    return this.options().json ?? false;
  }

  private get paint(): Paint {
    const wanted = this.options().color && (process.env["NO_COLOR"] ?? "") === "";
    return this.isTerminal && wanted ? coloured : colourless;
  }

  run: CliContext["run"] = (work, { onlyLooks = false } = {}) =>
    this.attempt(onlyLooks, async (narrator, signal) =>
      work(await this.io.open(this.options().stack, signal), narrator, (stack) =>
        this.io.open(stack, signal),
      ),
    );

  // What it writes is there or not: there is nothing to put right.
  runAlone: CliContext["runAlone"] = (work) =>
    this.attempt(true, (narrator, signal) => {
      const { stack } = this.options();
      return work({ stack, signal, narrator, open: (other = stack) => this.io.open(other, signal) });
    });

  private async attempt(
    onlyLooks: boolean,
    work: (narrator: Narrator, signal: AbortSignal) => Promise<Outcome>,
  ): Promise<void> {
    const { out, err } = this.io;
    const tools = { out, err, paint: this.paint };
    const narrator = this.isJson ? quietNarration(tools) : narration(tools);
    const controller = new AbortController();
    const release = this.io.onInterrupt(() => {
      if (controller.signal.aborted) return this.io.exit(exitCodes.interrupted);
      if (!onlyLooks)
        narrator.warn("interrupted: putting right what is half done; once more ends it at once");
      controller.abort(new Interruption());
    });
    try {
      const outcome = await work(narrator, controller.signal);
      this.print(outcome, 2);
      this.exitCode = outcome.exitCode ?? exitCodes.done;
    } catch (error) {
      this.fail(error);
    } finally {
      release();
    }
    if (controller.signal.aborted) this.exitCode = exitCodes.interrupted;
  }

  show(outcome: Outcome): void {
    // From the top of an empty screen; a log gets one after the other.
    if (this.isTerminal) this.io.out("\u001b[H\u001b[2J");
    this.print(outcome, 0);
  }

  fail(error: unknown, isJson = this.isJson): ExitCode {
    const { exitCode, text, json } = tell(error);
    if (isJson) this.io.out(`${JSON.stringify(json, null, 2)}\n`);
    else this.io.err(text(this.paint));
    this.exitCode = exitCode;
    return exitCode;
  }

  private print({ report, lines }: Outcome, indent: number): void {
    if (this.isJson) this.io.out(`${JSON.stringify(report, null, indent)}\n`);
    else for (const line of lines?.(this.paint) ?? []) this.io.out(`${line}\n`);
  }
}
