import { expect, it } from "vitest";
import { register as failover } from "../../actions/cli/failover.ts";
import { runCli } from "../../actions/cli/program.ts";
import { register as switchover } from "../../actions/cli/switchover.ts";

/** What a command line ends with, and what it has said; it gets no cluster. */
async function run(...argv: readonly string[]) {
  const said: string[] = [];
  let opened = false;
  const exitCode = await runCli(argv, [switchover, failover], {
    out: (text) => said.push(text),
    err: (text) => said.push(text),
    isTerminal: false,
    onInterrupt: () => () => undefined,
    open: async () => {
      opened = true;
      throw new Error("no cluster here");
    },
    exit: () => undefined,
  });
  return { exitCode, opened, said: said.join("") };
}

it.each([
  [["switchover", "--list", "--to", "dev-2"], "'--list' cannot be used with option '--to <member>'"],
  [
    ["switchover", "--cancel", "--at", "2030-01-01T00:00:00Z"],
    "'--cancel' cannot be used with option '--at <time>'",
  ],
  [["switchover", "--home", "--to", "dev-2"], "'--home' cannot be used with option '--to <member>'"],
  [["switchover", "--home", "--at", "2030-01-01T00:00:00Z"], "'--home' cannot be used with option"],
  [["switchover", "--home", "--list"], "cannot be used with option"],
  [["switchover", "--home", "--cancel"], "cannot be used with option"],
  [["switchover", "--list", "--cancel"], "cannot be used with option"],
  [["switchover", "--force", "--list"], "option '--force' cannot be used with option '--list'"],
  [["failover", "--at", "2030-01-01T00:00:00Z"], "unknown option '--at'"],
])("%j is wrong usage, and reaches no cluster", async (argv, message) => {
  const { exitCode, opened, said } = await run(...argv);
  expect([exitCode, opened]).toEqual([2, false]);
  expect(said).toContain(message);
});

it("both are told of in help", async () => {
  const { exitCode, said } = await run("--help");
  expect(exitCode).toBe(0);
  expect(said).toMatch(/switchover .*\n(.*\n)*.*failover /);
});
