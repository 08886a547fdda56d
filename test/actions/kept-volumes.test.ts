import { afterEach, beforeEach, expect, it } from "vitest";
import type { CliIo } from "../../actions/cli/context.ts";
import { runCli } from "../../actions/cli/program.ts";
import { register } from "../../actions/cli/volumes.ts";
import { systemClock } from "../../actions/wait.ts";
import { FakeCluster } from "../provider/fake-cluster.ts";
import { FakeEngine } from "../provider/fake-engine.ts";
import { handleOf } from "./test-handle.ts";

let engine: FakeEngine;

function part(name: string, kind = "member", incarnation = "1a2b3c4d") {
  return { name, labels: { cluster: "orders", part: kind, incarnation } };
}

beforeEach(async () => {
  engine = await new FakeEngine().start();
  engine.volumes = [
    // Declared; its container is lost, and comes back with it.
    part("orders-1-data-1a2b3c4d"),
    part("orders-2-data-1a2b3c4d"),
    part("orders-2-identity-1a2b3c4d"),
    // Taken out while this runs.
    part("orders-3-data-1a2b3c4d"),
    part("orders-etcd-1-data-1a2b3c4d", "voter"),
    part("orders-s3-data-1a2b3c4d", "s3"),
    // All that is left of an earlier life.
    part("orders-2-data-99999999", "member", "99999999"),
    part("orders-s3-data-99999999", "s3", "99999999"),
  ];
  engine.containers = [{ ...part("orders-3"), mounts: ["orders-3-data-1a2b3c4d"] }];
});

afterEach(() => engine.stop());

async function spiloctl(...argv: string[]) {
  const out: string[] = [];
  const members = [
    {
      name: "orders-1",
      restUrl: "https://127.0.0.1:9",
      address: "127.0.0.1",
      postgresPort: 9,
      engine: engine.host,
    },
  ];
  const io: CliIo = {
    out: (text) => out.push(text),
    err: (text) => out.push(text),
    isTerminal: false,
    onInterrupt: () => () => undefined,
    open: async () => handleOf(new FakeCluster(), { members, clock: systemClock }),
    exit: () => undefined,
  };
  const exitCode = await runCli(argv, [register], io);
  return { exitCode, out: out.join("") };
}

it("lists volumes of members that have left, and no others", async () => {
  const { exitCode, out } = await spiloctl("volumes");
  expect(exitCode).toBe(0);
  expect(out.split("\n")[0]?.trim()).toBe(`orders-2-data-1a2b3c4d  ${engine.host}`);
  expect(out.match(/-data-/g)).toHaveLength(1);
  expect(out).toContain("`spiloctl volumes --prune` removes them");
  expect(engine.done).toEqual([]);
});

it("removes those, and no others", async () => {
  const { exitCode, out } = await spiloctl("volumes", "--prune", "--json");
  expect(exitCode).toBe(0);
  expect(JSON.parse(out)).toEqual({ cluster: "orders", retained: [], removed: ["orders-2-data-1a2b3c4d"] });
  expect(engine.done).toEqual(["DELETE /volumes/orders-2-data-1a2b3c4d"]);
});

it("says that there is none", async () => {
  engine.volumes = engine.volumes.filter(({ name }) => name !== "orders-2-data-1a2b3c4d");
  const { exitCode, out } = await spiloctl("volumes");
  expect([exitCode, out]).toEqual([0, "orders has no volume of a member that has left\n"]);
});

it("fails with the engine's reason when that removes none", async () => {
  engine.answers.set("DELETE /volumes/orders-2-data-1a2b3c4d", { status: 409, message: "volume is in use" });
  const { exitCode, out } = await spiloctl("volumes", "--prune");
  expect(exitCode).not.toBe(0);
  expect(out).toContain("volume is in use");
});
