/** Deleting what is in use. In a file of its own, since it waits for half a minute. */
import { expect, it } from "vitest";
import { openBench } from "./bench.ts";

const bench = openBench("in-use");

it("waits 30 seconds for a network and a volume to be free, and then fails in the official words", async () => {
  const network = await bench.plugin.create("network", { name: `${bench.prefix}net` });
  const volume = await bench.plugin.create("volume", { name: `${bench.prefix}data` });
  await bench.plugin.create(
    "container",
    bench.idle("user", {
      networksAdvanced: [{ name: `${bench.prefix}net` }],
      volumes: [{ volumeName: volume.id, containerPath: "/data" }],
    }),
  );
  const start = Date.now();
  const outcomes = await Promise.allSettled([
    bench.plugin.remove("network", network),
    bench.plugin.remove("volume", volume),
  ]);
  expect(Date.now() - start).toBeGreaterThanOrEqual(30_000);
  expect(outcomes.map((outcome) => outcome.status === "rejected" && outcome.reason.message)).toEqual([
    "timeout while waiting for state to become 'removed' (last state: 'pending', timeout: 30s)",
    "timeout while waiting for state to become 'removed' (last state: 'in_use', timeout: 30s)",
  ]);
}, 60_000);

it("goes on as soon as they are free", async () => {
  const network = await bench.plugin.create("network", { name: `${bench.prefix}soon` });
  const user = await bench.plugin.create(
    "container",
    bench.idle("short", { networksAdvanced: [{ name: `${bench.prefix}soon` }] }),
  );
  const removal = bench.plugin.remove("network", network);
  await bench.plugin.remove("container", user);
  await removal;
  expect((await bench.plugin.read("network", network)).id).toBe("");
});
