/** A container's life on a real engine: started, waited for, found changed, stopped. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import type { Properties } from "../../toolchain/docker-plugin/values.ts";
import { failure, openBench, shell } from "./bench.ts";
import { docker } from "./leftovers.ts";
import type { Made } from "./plugin-client.ts";

const bench = openBench("life");

describe.concurrent("mustRun", () => {
  it("never fails a creation: a process that ended leaves mustRun false, and the next plan starts it", async () => {
    const inputs = bench.idle("ended", { command: ["sh", "-c", "exit 3"], attach: true });
    const made = await bench.plugin.create("container", inputs);
    expect(made.state).toMatchObject({ mustRun: false, exitCode: 3 });
    expect(await bench.plugin.diff("container", made, inputs)).toEqual(["mustRun"]);
  });

  it("an update to true starts the container", async () => {
    const inputs = bench.idle("unstarted", { start: false });
    const made = await bench.plugin.create("container", inputs);
    expect(made.state["mustRun"]).toBe(false);
    const updated = await bench.plugin.update("container", made, inputs);
    expect(updated.state["mustRun"]).toBe(true);
    expect((await docker.getContainer(made.id).inspect()).State.Running).toBe(true);
    expect(await bench.plugin.diff("container", updated, inputs)).toEqual([]);
  });

  it("false: an ended process is no difference, and its exit code is an output", async () => {
    const inputs = bench.idle("may-end", { command: ["sh", "-c", "exit 4"], attach: true, mustRun: false });
    const made = await bench.plugin.create("container", inputs);
    expect(made.state).toMatchObject({ mustRun: false, exitCode: 4 });
    expect(await bench.plugin.diff("container", made, inputs)).toEqual([]);
  });

  it("stays true while the engine restarts a process over and over", async () => {
    const inputs = bench.idle("crashing", { command: ["false"], restart: "always" });
    const made = await bench.plugin.create("container", inputs);
    expect(made.state["mustRun"]).toBe(true);
    expect(await bench.plugin.diff("container", await bench.plugin.read("container", made), inputs)).toEqual(
      [],
    );
  });
});

describe.concurrent("wait", () => {
  const healthcheck = (test: string): Properties => ({ tests: ["CMD-SHELL", test], interval: "250ms" });

  it("ends when the container is healthy", async () => {
    const made = await bench.plugin.create(
      "container",
      bench.idle("healthy", { wait: true, healthcheck: healthcheck("true") }),
    );
    expect((await docker.getContainer(made.id).inspect()).State.Health?.Status).toBe("healthy");
  });

  it("without a healthcheck is an error", async () => {
    const { message, left } = await failure(
      bench.plugin.create("container", bench.idle("no-check", { wait: true })),
    );
    expect(message).toBe(
      "you have supplied a 'wait' argument, but the container does not have a healthcheck defined",
    );
    expect(left?.id).toMatch(/^[0-9a-f]{64}$/);
  });

  it.each([
    ["unhealthy", bench.idle("sick", { wait: true, waitTimeout: 2, healthcheck: healthcheck("false") })],
    [
      "exited",
      {
        ...bench.idle("gone", { wait: true, waitTimeout: 2, healthcheck: healthcheck("true") }),
        ...shell("exit 1"),
      },
    ],
  ])("goes on to its timeout when the container is %s, and leaves it in the state", async (_how, inputs) => {
    const start = Date.now();
    const { message, left } = await failure(bench.plugin.create("container", inputs));
    expect(message).toBe("container failed to be in healthy state");
    expect(Date.now() - start).toBeGreaterThanOrEqual(2000);
    if (!left) throw new Error("nothing is left in the state");
    expect((await docker.getContainer(left.id).inspect()).Id).toBe(left.id);
    expect(await bench.plugin.diff("container", left, inputs)).toEqual(["entrypoints!", "networkDatas"]);
  });

  it("is not done again by an update", async () => {
    const inputs = bench.idle("later", { healthcheck: healthcheck("false") });
    const made = await bench.plugin.create("container", inputs);
    const updated = await bench.plugin.update("container", made, { ...inputs, wait: true, waitTimeout: 60 });
    expect(updated.state["wait"]).toBe(true);
  });
});

describe.concurrent("destroyGraceSeconds", () => {
  /** Writes its last words outside, `seconds` after it was asked to end. */
  const lastWords = (name: string, seconds: number): Properties => ({
    ...bench.idle(name, { volumes: [{ hostPath: bench.folder, containerPath: "/out" }] }),
    ...shell(
      `trap 'sleep ${seconds}; echo bye > /out/${name}; exit' TERM; touch /out/${name}.up; while :; do sleep 0.05; done`,
    ),
  });
  const words = (name: string) => readFile(join(bench.folder, name), "utf8").catch(() => "nothing");

  async function running(inputs: Properties, name: string): Promise<Made> {
    const made = await bench.plugin.create("container", inputs);
    await vi.waitFor(async () => expect(await words(`${name}.up`)).toBe(""), { timeout: 15_000 });
    return made;
  }

  it("unset: a process that needs a second to end is lost, also with a stopTimeout", async () => {
    const made = await running({ ...lastWords("lost", 1), stopTimeout: 10 }, "lost");
    await bench.plugin.remove("container", made);
    expect(await words("lost")).toBe("nothing");
  });

  it("set: it is waited for", async () => {
    const made = await running({ ...lastWords("kept", 1), destroyGraceSeconds: 5 }, "kept");
    await bench.plugin.remove("container", made);
    expect(await words("kept")).toBe("bye\n");
  });

  it("set: a process that ignores TERM is killed at its end", async () => {
    const deaf = {
      ...bench.idle("deaf", { destroyGraceSeconds: 2 }),
      ...shell("trap '' TERM; while :; do sleep 0.05; done"),
    };
    const made = await bench.plugin.create("container", deaf);
    const start = Date.now();
    await bench.plugin.remove("container", made);
    expect(Date.now() - start).toBeGreaterThanOrEqual(2000);
  });
});

describe.concurrent("errors", () => {
  it("an image that is nowhere is named, with the engine's reason", async () => {
    const image = "localhost:1/pulumi-spilo/nowhere:1";
    const { message } = await failure(bench.plugin.create("container", bench.idle("imageless", { image })));
    expect(message).toContain(
      `Unable to create container with image ${image}: unable to pull image ${image}`,
    );
    expect(message).toContain("Error response from daemon");
  });

  it("a name that is taken is a conflict, and the one that has it stays", async () => {
    const made = await bench.plugin.create("container", bench.idle("taken"));
    const { message, left } = await failure(bench.plugin.create("container", bench.idle("taken")));
    expect(message).toContain(`Conflict. The container name "/${bench.prefix}taken" is already in use`);
    expect(left).toBeUndefined();
    expect((await docker.getContainer(made.id).inspect()).State.Running).toBe(true);
  });
});
