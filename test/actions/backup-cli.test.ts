import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { register } from "../../actions/cli/backup.ts";
import type { CliIo } from "../../actions/cli/context.ts";
import { runCli } from "../../actions/cli/program.ts";
import { FakeCluster } from "../provider/fake-cluster.ts";
import { FakeS3 } from "../provider/fake-s3.ts";
import { FakeServers } from "./fake-servers.ts";
import { handleOf } from "./test-handle.ts";

let server: FakeS3;

beforeEach(async () => {
  server = await new FakeS3().start();
  const body = "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>";
  server.answers.set("GET /orders-wal", { status: 200, body });
});

afterEach(() => server.stop());

async function spiloctl(...argv: string[]) {
  const [out, err]: [string[], string[]] = [[], []];
  const handle = handleOf(new FakeCluster(), new FakeServers().handle);
  const io: CliIo = {
    out: (text) => out.push(text),
    err: (text) => err.push(text),
    isTerminal: false,
    onInterrupt: () => () => undefined,
    open: async () => ({ ...handle, archive: { ...handle.archive, endpoint: server.url } }),
    exit: () => undefined,
  };
  const exitCode = await runCli(argv, [register], io);
  return { exitCode, out: out.join(""), err: err.join("") };
}

describe("spiloctl backup", () => {
  it("list shows an empty archive as one, to people and to programs", async () => {
    const { exitCode, out } = await spiloctl("backup", "list", "--all");
    expect(exitCode).toBe(0);
    expect(out.split("\n").slice(1)).toEqual([
      "  no base backup",
      "  recoverable  nothing, as there is no base backup",
      "  no other incarnation",
      "",
    ]);
    const json = JSON.parse((await spiloctl("backup", "list", "--json")).out);
    expect(json).toMatchObject({ bucket: "orders-wal", backups: [], window: null, gaps: [], others: null });
  });

  it("verify is refused without a backup, with what makes one", async () => {
    const { exitCode, err } = await spiloctl("backup", "verify");
    expect(exitCode).toBe(3);
    expect(err).toContain("holds no base backup.\n  Nothing was changed. Make one: `spiloctl backup now`.");
  });

  it.each(["now", "list", "verify"])(
    "%s ends with another code when the bucket does not answer",
    async (task) => {
      await server.stop();
      const { exitCode, err } = await spiloctl("backup", task);
      expect(exitCode).toBe(7);
      expect(err).toMatch(/^error {2}bucket orders-wal at https:/);
      await server.start();
    },
  );

  it("holds no secret in what it says of an archive that refuses", async () => {
    server.fail("GET /orders-wal", 403, "AccessDenied");
    const { exitCode, err } = await spiloctl("backup", "list");
    expect([exitCode, err]).toEqual([1, expect.stringContaining("AccessDenied")]);
    expect(err).not.toContain("secret-key");
  });

  it.each([
    [["backup"]],
    [["backup", "everything"]],
    [["backup", "now", "base_1"]],
    [["backup", "now", "--all"]],
  ])("%j is wrong usage", async (argv) => {
    expect((await spiloctl(...argv)).exitCode).toBe(2);
    expect(server.asked).toEqual([]);
  });

  it("names its tasks in the help", async () => {
    const { exitCode, out } = await spiloctl("help", "backup");
    expect(exitCode).toBe(0);
    expect(out).toMatch(/Commands:\n {2}now [\s\S]*\n {2}list [\s\S]*\n {2}verify \[name\] /);
  });
});
