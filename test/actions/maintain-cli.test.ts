import { beforeEach, describe, expect, it } from "vitest";
import type { CliIo } from "../../actions/cli/context.ts";
import { register as maintain } from "../../actions/cli/maintain.ts";
import { runCli } from "../../actions/cli/program.ts";
import { windowAt } from "../../cluster/upkeep/maintenance.ts";
import { FakeCluster } from "../provider/fake-cluster.ts";
import { FakeServers } from "./fake-servers.ts";
import { handleOf } from "./test-handle.ts";

let cluster: FakeServers;

beforeEach(() => {
  cluster = new FakeServers();
});

/** A window of half an hour that begins twelve hours from now. */
const times = {
  start: new Date(Date.now() + 12 * 60 * 60_000).toISOString().slice(11, 16),
  minutes: 30,
  timeZone: "UTC",
};

async function spiloctl(...argv: string[]) {
  const [out, err]: [string[], string[]] = [[], []];
  const io: CliIo = {
    out: (text) => out.push(text),
    err: (text) => err.push(text),
    isTerminal: false,
    onInterrupt: () => () => undefined,
    open: async () => ({ ...handleOf(new FakeCluster(), cluster.handle), maintenance: times }),
    exit: () => undefined,
  };
  const exitCode = await runCli(argv, [maintain], io);
  return { exitCode, out: out.join(""), err: err.join("") };
}

describe("spiloctl maintain", () => {
  it("says when the window is, and what is pending, which is no error", async () => {
    const { exitCode, out } = await spiloctl("maintain");
    const { start } = windowAt(times, new Date());
    expect(exitCode).toBe(0);
    expect(out).toContain(
      `every day from ${times.start}, for 30 minutes (UTC): the next one is from ${start.toISOString()}`,
    );
    // Of the fake cluster, the operator's certificate is due.
    expect(out).toMatch(/waits: certificate of operator, .* \(the next `pulumi up` renews it/);
    expect(cluster.calls).toEqual([]);
  });

  it("--json gives the report alone", async () => {
    const { exitCode, out } = await spiloctl("maintain", "--dry-run", "--json");
    expect(exitCode).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      cluster: "dev",
      window: { open: false },
      restarted: [],
    });
  });

  it("tells of an option that it does not have", async () => {
    expect((await spiloctl("maintain", "--later")).exitCode).toBe(2);
  });
});
