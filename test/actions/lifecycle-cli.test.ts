import { beforeEach, describe, expect, it } from "vitest";
import type { CliIo } from "../../actions/cli/context.ts";
import { register as pause } from "../../actions/cli/pause.ts";
import { runCli } from "../../actions/cli/program.ts";
import { register as reinit } from "../../actions/cli/reinit.ts";
import { register as restart } from "../../actions/cli/restart.ts";
import { register as resume } from "../../actions/cli/resume.ts";
import { register as start } from "../../actions/cli/start.ts";
import { register as stop } from "../../actions/cli/stop.ts";
import { FakeCluster } from "../provider/fake-cluster.ts";
import { FakeServers } from "./fake-servers.ts";
import { handleOf } from "./test-handle.ts";

let cluster: FakeServers;

beforeEach(() => {
  cluster = new FakeServers();
});

async function spiloctl(...argv: string[]) {
  const [out, err]: [string[], string[]] = [[], []];
  const io: CliIo = {
    out: (text) => out.push(text),
    err: (text) => err.push(text),
    isTerminal: false,
    onInterrupt: () => () => undefined,
    open: async () => handleOf(new FakeCluster(), cluster.handle),
    exit: () => undefined,
  };
  const exitCode = await runCli(argv, [restart, reinit, pause, resume, stop, start], io);
  return { exitCode, out: out.join(""), err: err.join("") };
}

describe("spiloctl", () => {
  it("restart takes the members that are named", async () => {
    const { exitCode, out } = await spiloctl("restart", "dev-2", "dev-3");
    expect([exitCode, cluster.calls]).toEqual([0, ["restart dev-2", "restart dev-3"]]);
    expect(out).toMatch(
      /^ {2}1 dev-2 restarted, streams again .* s\n {2}2 dev-3 restarted, streams again .* s\n$/,
    );
  });

  it("restart --pending --json says that nobody waits", async () => {
    const { exitCode, out } = await spiloctl("restart", "--pending", "--json");
    const report = { cluster: "dev", leader: "dev-1", already: true, restarted: [] };
    expect([exitCode, JSON.parse(out)]).toEqual([0, report]);
  });

  it("restart is refused with another exit code, unless it is forced", async () => {
    cluster.down("dev-3");
    const { exitCode, err } = await spiloctl("restart", "dev-2");
    expect(exitCode).toBe(3);
    expect(err).toContain("Nothing was changed. Bring it back first");
    expect((await spiloctl("restart", "dev-2", "--force")).exitCode).toBe(0);
  });

  it("reinit takes one member, and says what was missing meanwhile", async () => {
    cluster = new FakeServers(2);
    cluster.delay = 10;
    const { exitCode, out } = await spiloctl("reinit", "dev-2", "--force");
    expect(exitCode).toBe(0);
    expect(out).toMatch(
      /dev-2 streams again .* s\n {2}\d+\.\d+ s with fewer synchronous standbys than are declared\n$/,
    );
    expect((await spiloctl("reinit")).exitCode).toBe(2);
  });

  it("pause and resume, stop and start lead there and back", async () => {
    const before = { ...cluster.config };
    for (const verb of ["pause", "resume", "stop", "start"]) {
      expect([verb, (await spiloctl(verb)).exitCode]).toEqual([verb, 0]);
    }
    expect(cluster.config).toEqual(before);
    expect(cluster.servers.map(({ state }) => state)).toEqual(["running", "running", "running"]);
  });

  it("pause warns beside its report, not in it", async () => {
    const { out, err } = await spiloctl("pause", "--json");
    expect(JSON.parse(out)).toEqual({ cluster: "dev", paused: true, already: false, silent: [] });
    expect(err).toContain("nobody takes over when the leader is lost");
  });

  it("start ends with the exit code of a deadline when a server does not come", async () => {
    cluster.stopAll();
    cluster.gone("dev-3");
    const { exitCode, err } = await spiloctl("start");
    expect(exitCode).toBe(6);
    expect(err).toContain("dev-3 does not answer");
  });
});
