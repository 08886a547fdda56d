import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ActionError } from "../../actions/action-error.ts";
import type { CliIo } from "../../actions/cli/context.ts";
import { type Register, runCli } from "../../actions/cli/program.ts";
import { register as registerStatus } from "../../actions/cli/status.ts";
import type { ClusterHandle } from "../../actions/handle.ts";
import { type Narrator, Refusal } from "../../actions/verbs/verb.ts";
import { FakeCluster } from "../provider/fake-cluster.ts";
import { handleOf } from "./test-handle.ts";

/** What a verb named `try` does. */
type Work = (handle: ClusterHandle, narrator: Narrator) => Promise<object>;

interface Surroundings {
  readonly isTerminal?: boolean;
  /** Somebody interrupts as often as this calls back. */
  readonly interrupt?: (again: () => void) => void;
}

function trying(work: Work): Register {
  return (program, context) => {
    program
      .command("try")
      .option("--to <member>", "to whom")
      .action(() =>
        context.run(async (handle, narrator) => {
          const report = await work(handle, narrator);
          return { report, lines: (paint) => [`  ${paint("good", "it is done")}`] };
        }),
      );
  };
}

/** Runs a command line; `opened` has the stacks that were asked for. */
async function run(argv: readonly string[], verbs: readonly Register[], around: Surroundings = {}) {
  const [out, err, opened, exits]: [string[], string[], unknown[], number[]] = [[], [], [], []];
  const io: CliIo = {
    out: (text) => out.push(text),
    err: (text) => err.push(text),
    isTerminal: around.isTerminal ?? false,
    onInterrupt: (listener) => {
      around.interrupt?.(listener);
      return () => undefined;
    },
    open: async (stack, signal) => {
      opened.push(stack);
      return handleOf(new FakeCluster(), { signal });
    },
    exit: (code) => exits.push(code),
  };
  const exitCode = await runCli(argv, verbs, io);
  return { exitCode, out: out.join(""), err: err.join(""), opened, exits };
}

const done = trying(async () => ({ leader: "m-2" }));
const failing = (error: unknown) => trying(() => Promise.reject(error));

describe("a verb", () => {
  it("tells people how it goes, step by step, and then what came of it", async () => {
    const telling = trying(async (_handle, { note, step }) => {
      note("m-1 leads");
      step("standby has caught up", 20);
      step("clients go on");
      return {};
    });
    const { exitCode, out, err } = await run(["try"], [telling]);
    expect(exitCode).toBe(0);
    expect(err).toBe("");
    expect(out.split("\n")).toEqual([
      "  m-1 leads",
      `  1 ${"standby has caught up".padEnd(62)} 0.02 s`,
      "  2 clients go on",
      "  it is done",
      "",
    ]);
  });

  it("gives programs its report alone, and works on the stack that is named, wherever the options stand", async () => {
    const { out, opened } = await run(["try", "--json", "--to", "m-2", "--stack", "prod"], [done]);
    expect(JSON.parse(out)).toEqual({ leader: "m-2" });
    expect(opened).toEqual(["prod"]);
    expect((await run(["--stack", "prod", "try"], [done])).opened).toEqual(["prod"]);
    expect((await run(["try"], [done])).opened).toEqual([undefined]);
  });

  it("is in colour on a terminal alone, and not with --no-color", async () => {
    expect((await run(["try"], [done], { isTerminal: true })).out).toContain("\u001b[32mit is done");
    expect((await run(["try", "--no-color"], [done], { isTerminal: true })).out).toBe("  it is done\n");
    expect((await run(["try"], [done])).out).toBe("  it is done\n");
  });
});

describe("an outcome", () => {
  it.each<[string, unknown, number]>([
    ["a failure", new ActionError("failed", "no"), 1],
    ["a refusal", new Refusal(["m-3 is behind"], "Wait."), 3],
    ["a deadline", new ActionError("deadline", "late"), 6],
    ["nobody who answers", new ActionError("unreachable", "silence"), 7],
    ["nobody who leads", new ActionError("no-leader", "nobody"), 7],
    ["a possible loss", new Refusal(["it may cost data"], "Accept it.", { dataMayBeLost: true }), 8],
    ["a bug", new TypeError("undefined is not a function"), 1],
  ])("of %s has its exit code", async (_what, error, exitCode) => {
    expect((await run(["try"], [failing(error)])).exitCode).toBe(exitCode);
    expect((await run(["try", "--json"], [failing(error)])).exitCode).toBe(exitCode);
  });

  it("that is refused names the reasons and what to do, and says that nothing was changed", async () => {
    const refusal = new Refusal(
      ["dev-3 is 48 MB behind (limit 1 MB)", "it is not synchronous"],
      "Try `--to dev-2`.",
    );
    const { err, out } = await run(["try"], [failing(refusal)]);
    expect(out).toBe("");
    expect(err).toBe(
      "  refused: dev-3 is 48 MB behind (limit 1 MB);\n           it is not synchronous.\n  Nothing was changed. Try `--to dev-2`.\n",
    );
    const json = await run(["try", "--json"], [failing(refusal)]);
    expect(JSON.parse(json.out)).toMatchObject({
      error: { code: "refused", reasons: refusal.reasons, remedy: "Try `--to dev-2`." },
      exitCode: 3,
    });
  });

  it("that is an error has the project's form", async () => {
    const { err } = await run(["try"], [failing(new ActionError("failed", "what\nwhy\nRemedy."))]);
    expect(err).toBe("error  what\n       why\n       Remedy.\n");
  });
});

describe("wrong usage", () => {
  it.each([[["tri"]], [["try", "--too"]], [["try", "--to"]], [["help", "nothing"]]])(
    "%j ends with 2, before anybody is asked",
    async (argv) => {
      const { exitCode, err, opened } = await run(argv, [done]);
      expect(exitCode).toBe(2);
      expect(err).toMatch(/^error {2}.+\n {7}/);
      expect(opened).toEqual([]);
    },
  );

  it("is told as JSON with --json", async () => {
    const { exitCode, out } = await run(["try", "--too", "--json"], [done]);
    expect(exitCode).toBe(2);
    expect(JSON.parse(out)).toMatchObject({ error: { code: "usage" }, exitCode: 2 });
  });
});

describe("help", () => {
  it("names the verbs, the options of one, and the exit codes", async () => {
    const all = await run([], [done, registerStatus]);
    expect(all.exitCode).toBe(0);
    expect(all.out).toMatch(/Usage: spiloctl VERB[\s\S]*--stack <name>[\s\S]*try[\s\S]*status/);
    expect((await run(["help", "try"], [done])).out).toContain("--to <member>");
    expect((await run(["try", "--help"], [done])).exitCode).toBe(0);
    const codes = await run(["help", "exit-codes"], [done]);
    expect(codes.out).toContain(
      "  3  refused, with the reason; nothing was changed; `plan`: data would be lost\n",
    );
    expect(codes.exitCode).toBe(0);
  });
});

describe("an interruption", () => {
  it("aborts the signal of the handle, lets the verb put things right, and ends with 130", async () => {
    let interrupt: () => void = () => undefined;
    const doing: string[] = [];
    const verb = trying(async ({ signal }) => {
      interrupt();
      try {
        signal?.throwIfAborted();
      } finally {
        doing.push("put right");
      }
      return {};
    });
    const around = { interrupt: (again: () => void) => (interrupt = again) };
    const { exitCode, err, exits } = await run(["try"], [verb], around);
    expect(exitCode).toBe(130);
    expect(doing).toEqual(["put right"]);
    expect(err).toBe(
      "  warning  interrupted: putting right what is half done; once more ends it at once\n  interrupted\n",
    );
    expect(exits).toEqual([]);
  });

  it("that comes twice ends the process", async () => {
    const verb = trying(async () => ({}));
    const twice = (again: () => void) => {
      again();
      again();
    };
    expect((await run(["try"], [verb], { interrupt: twice })).exits).toEqual([130]);
  });
});

describe("status --watch", () => {
  let cluster: FakeCluster;

  beforeEach(async () => {
    cluster = await new FakeCluster().start();
  });

  afterEach(() => cluster.stop());

  it("prints a line of JSON when something has changed, until it is interrupted", async () => {
    let looks = 0;
    const out: string[] = [];
    const io: CliIo = {
      out: (text) => out.push(text),
      err: () => undefined,
      isTerminal: false,
      onInterrupt: () => () => undefined,
      open: async () => {
        const controller = new AbortController();
        const clock = {
          now: () => 0,
          sleep: async () => {
            looks += 1;
            if (looks === 2) cluster.stopMember("m-3");
            if (looks === 4) controller.abort(new Error("enough"));
            controller.signal.throwIfAborted();
          },
        };
        return handleOf(cluster, { clock, signal: controller.signal });
      },
      exit: () => undefined,
    };
    await runCli(["status", "--watch", "1", "--json"], [registerStatus], io);
    const told = out.map((line) => JSON.parse(line));
    expect(told.slice(0, 2).map(({ degraded }) => degraded.includes("m-3 is stopped"))).toEqual([
      false,
      true,
    ]);
    expect(told.slice(2)).toMatchObject([{ error: { message: "enough" } }]);
  });

  it.each(["0", "soon", "4000"])("does not take %s for a number of seconds", async (seconds) => {
    expect((await run(["status", "--watch", seconds], [registerStatus])).exitCode).toBe(2);
  });
});
