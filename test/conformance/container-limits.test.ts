/** A container's limits, healthcheck, ports and mounts on a real engine, and what of them comes back. */
import { describe, expect, it } from "vitest";
import type { Properties } from "../../toolchain/docker-plugin/values.ts";
import { failure, openBench, shell } from "./bench.ts";
import { docker } from "./leftovers.ts";

const bench = openBench("limits");

describe.concurrent("healthcheck", () => {
  it("comes back as Go prints durations", async () => {
    const check = { tests: ["CMD", "true"], interval: "60s", timeout: "1500ms" };
    const inputs = bench.idle("durations", { healthcheck: check });
    const made = await bench.plugin.create("container", inputs);
    expect(made.state["healthcheck"]).toMatchObject({ interval: "1m0s", timeout: "1.5s", startPeriod: "0s" });
    expect(await bench.plugin.diff("container", made, inputs)).toEqual(["healthcheck"]);
  });

  it("a change does nothing to the container, and a refresh brings the difference back", async () => {
    const check = (retries: number): Properties =>
      bench.idle("checked", { healthcheck: { tests: ["CMD", "true"], retries } });
    const made = await bench.plugin.create("container", check(2));
    const updated = await bench.plugin.update("container", made, check(3));
    expect(await bench.plugin.diff("container", updated, check(3))).toEqual([]);
    const read = await bench.plugin.read("container", updated);
    expect(await bench.plugin.diff("container", read, check(3))).toEqual(["healthcheck"]);
  });

  it("startInterval is refused by an engine that is too old for it", async () => {
    const check = { tests: ["CMD", "true"], startInterval: "1s" };
    const { message } = await failure(
      bench.plugin.create("container", bench.idle("start-interval", { healthcheck: check })),
    );
    expect(message).toContain('"specify health-check start interval" requires API version 1.44');
  });
});

describe.concurrent("live limits", () => {
  it("reach the running container", async () => {
    const inputs = bench.idle("limited", { memory: 64, memorySwap: 128, cpuShares: 512 });
    const made = await bench.plugin.create("container", inputs);
    const more = { memory: 128, memorySwap: 256, memoryReservation: 32, cpuShares: 256, cpuSet: "0" };
    const changed = { ...inputs, ...more, restart: "on-failure", maxRetryCount: 3 };
    const updated = await bench.plugin.update("container", made, changed);
    const { HostConfig, State } = await docker.getContainer(made.id).inspect();
    expect(HostConfig).toMatchObject({
      Memory: 128 * 2 ** 20,
      MemorySwap: 256 * 2 ** 20,
      MemoryReservation: 32 * 2 ** 20,
      CpuShares: 256,
      CpusetCpus: "0",
      RestartPolicy: { Name: "on-failure", MaximumRetryCount: 3 },
    });
    expect(State.Running).toBe(true);
    expect(
      await bench.plugin.diff("container", await bench.plugin.read("container", updated), changed),
    ).toEqual([]);
  });

  it("memory alone gets twice as much swap, which the next plan wants to remove", async () => {
    const inputs = bench.idle("swap", { memory: 64 });
    const made = await bench.plugin.create("container", inputs);
    expect(made.state["memorySwap"]).toBe(128);
    expect(await bench.plugin.diff("container", made, inputs)).toEqual(["memorySwap"]);
  });

  it("a change that is only written down does not touch the container", async () => {
    const inputs = bench.idle("untouched");
    const made = await bench.plugin.create("container", inputs);
    const before = await docker.getContainer(made.id).inspect();
    const noted = {
      tmpfs: { "/t": "" },
      cpuQuota: 50_000,
      rm: true,
      destroyGraceSeconds: 9,
      init: true,
      waitTimeout: 9,
    };
    const updated = await bench.plugin.update("container", made, { ...inputs, ...noted });
    expect(updated.state).toMatchObject(noted);
    expect(await docker.getContainer(made.id).inspect()).toEqual(before);
  });
});

describe.concurrent("what comes back", () => {
  it("envs and labels are the program's, not the image's and not the container's", async () => {
    const labels = [{ label: "a", value: "1" }];
    const made = await bench.plugin.create("container", bench.idle("plain", { envs: ["A=1"], labels }));
    expect((await bench.plugin.read("container", made)).state).toMatchObject({ envs: ["A=1"], labels });
  });

  it("an image's labels do not show up", async () => {
    const made = await bench.plugin.create("container", bench.idle("unlabelled"));
    const repo = `${bench.prefix}labelled`;
    await docker.getContainer(made.id).commit({ repo, tag: "1", changes: "LABEL from=image" });
    const inputs = bench.idle("inheriting", { image: `${repo}:1` });
    const heir = await bench.plugin.create("container", inputs);
    expect((await docker.getContainer(heir.id).inspect()).Config.Labels).toEqual({ from: "image" });
    expect((await bench.plugin.read("container", heir)).state["labels"]).toBeUndefined();
    expect(await bench.plugin.diff("container", heir, inputs)).toEqual([]);
  });

  it("ports come in ascending order", async () => {
    const ports = [{ internal: 8081 }, { internal: 8080 }];
    const made = await bench.plugin.create("container", bench.idle("ports", { ports }));
    expect(made.state["ports"]).toMatchObject([{ internal: 8080 }, { internal: 8081 }]);
    expect(await bench.plugin.diff("container", made, bench.idle("ports", { ports }))).toEqual(["ports!"]);
    expect(
      await bench.plugin.diff("container", made, bench.idle("ports", { ports: ports.toReversed() })),
    ).toEqual([]);
  });

  it("plain mounts are stable", async () => {
    const volume = await bench.plugin.create("volume", { name: `${bench.prefix}data` });
    const mounts = [
      { type: "volume", target: "/data", source: volume.id },
      { type: "bind", target: "/host", source: bench.folder, readOnly: true },
      { type: "tmpfs", target: "/scratch", tmpfsOptions: { sizeBytes: 65_536 } },
    ];
    const inputs = bench.idle("mounts", { mounts });
    const made = await bench.plugin.create("container", inputs);
    expect(await bench.plugin.diff("container", await bench.plugin.read("container", made), inputs)).toEqual(
      [],
    );
  });

  it("any volumeOptions are refused on an older engine", async () => {
    const mounts = [{ type: "volume", target: "/data", volumeOptions: { noCopy: true } }];
    const { message } = await failure(
      bench.plugin.create("container", bench.idle("volume-options", { mounts })),
    );
    expect(message).toContain("Setting VolumeOptions.Subpath requires docker version 1.45 or higher");
  });

  it("a container that was stopped should run again, and one that was removed is gone", async () => {
    const inputs = bench.idle("drifter", { ports: [{ internal: 80 }] });
    const made = await bench.plugin.create("container", inputs);
    await docker.getContainer(made.id).kill();
    const stopped = await bench.plugin.read("container", made);
    expect(await bench.plugin.diff("container", stopped, inputs)).toEqual(["mustRun"]);
    await docker.getContainer(made.id).remove();
    expect((await bench.plugin.read("container", made)).id).toBe("");
  });

  it("a container is found by its whole id only", async () => {
    const made = await bench.plugin.create("container", bench.idle("whole"));
    expect(made.id).toMatch(/^[0-9a-f]{64}$/);
    expect((await bench.plugin.read("container", { ...made, id: made.id.slice(0, 12) })).id).toBe("");
    expect((await bench.plugin.read("container", { ...made, id: `${bench.prefix}whole` })).id).toBe("");
  });

  it("logs of an attached container are an output", async () => {
    const inputs = {
      ...bench.idle("logged", { attach: true, logs: true, mustRun: false }),
      ...shell("echo out; echo err >&2"),
    };
    const made = await bench.plugin.create("container", inputs);
    expect(String(made.state["containerLogs"]).split("\n").sort()).toEqual(["", "err", "out"]);
  });
});
