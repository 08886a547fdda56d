import { ActionError } from "../actions/action-error.ts";
import { SpecError } from "../cluster/schema/spec-error.ts";
import { Failure, failureText } from "./failure.ts";

/** What `./run` understands. Each verb is loaded only when it is asked for: the rest starts faster. */
const verbs: Record<string, { readonly help: string; readonly run: (args: string[]) => Promise<number> }> = {
  up: {
    help: "bring the cluster of a stack up and prove it [--stack dev] [--zones 3]",
    run: async (args) => (await import("./up.ts")).up(args),
  },
  down: {
    help: "remove the stack whole [--stack dev] [--forget]",
    run: async (args) => (await import("./down.ts")).down(args),
  },
  env: {
    help: 'print what a shell needs for plain pulumi: eval "$(./run env)"',
    run: async () => (await import("./env.ts")).env(),
  },
  uri: {
    help: "print the read-write connection string, password included [--stack dev]",
    run: async (args) => (await import("./uri.ts")).uri(args),
  },
  spiloctl: {
    help: "look after the running cluster: status, switchover … [VERB …] [--stack dev]",
    run: async (args) => (await import("./spiloctl.ts")).spiloctl(args),
  },
  test: {
    help: "install what the tests need and run them all [group …]",
    run: async (args) => (await import("./test.ts")).test(args),
  },
  prove: {
    help: "measure what takes long, going on where it stopped [LETTER PART …]",
    run: async (args) => (await import("./prove.ts")).prove(args),
  },
};

function help(): string {
  const rows = Object.entries(verbs).map(([verb, { help: text }]) => `  ./run ${verb.padEnd(8)} ${text}`);
  return ["usage: ./run VERB", "", ...rows, ""].join("\n");
}

async function main(): Promise<number> {
  const [verb = "help", ...args] = process.argv.slice(2);
  if (verb === "help" || verb === "--help" || verb === "-h") {
    process.stdout.write(help());
    return 0;
  }
  const chosen = verbs[verb];
  if (!chosen) {
    process.stderr.write(`error  ./run ${verb}: no such verb\n\n${help()}`);
    return 2;
  }
  return await chosen.run(args);
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`\n${textOf(error)}\n`);
    process.exit(1);
  },
);

/** What a person can mend is said without a stack trace; anything else is a bug of ours and shows where. */
function textOf(error: unknown): string {
  if (error instanceof Failure) return failureText(error);
  if (error instanceof SpecError || error instanceof ActionError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
