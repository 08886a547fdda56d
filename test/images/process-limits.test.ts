import { randomBytes } from "node:crypto";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { containerRuns } from "../../actions/engine/container-runs.ts";
import { limitProcesses } from "../../actions/engine/process-limits.ts";
import { docker, ready } from "./stage.ts";

const engine = "unix:///var/run/docker.sock";
const name = `psimg-limits-${randomBytes(3).toString("hex")}`;
let id: string;

beforeAll(async () => {
  const image = await ready("etcd");
  id = await docker(["run", "--detach", "--init", "--name", name, image, "sleep", "600"]);
}, 300_000);

afterAll(async () => {
  await execa("docker", ["rm", "--force", "--volumes", name], { reject: false });
});

describe("a limit of processes", () => {
  const allowed = () => docker(["exec", name, "cat", "/sys/fs/cgroup/pids.max"]).catch(limitOfOldCgroups);
  const limitOfOldCgroups = () => docker(["exec", name, "cat", "/sys/fs/cgroup/pids/pids.max"]);

  test("holds at once in a running container, and can be changed", async () => {
    await limitProcesses(engine, [{ name, id, processes: 200 }]);
    expect(await allowed()).toBe("200");
    await limitProcesses(engine, [{ name, id, processes: 300 }]);
    expect(await allowed()).toBe("300");
  });

  test("stays when the container is started again", async () => {
    await docker(["restart", "--time", "1", name]);
    expect(await allowed()).toBe("300");
  });

  test("of a container that is not there is an error that names it", async () => {
    const gone = { name: "dev-1", id: "0123456789ab", processes: 200 };
    await expect(limitProcesses(engine, [gone])).rejects.toThrow(
      /^dev-1: a limit of 200 processes: .*No such/i,
    );
  });
});

test("a container runs, stands still, or is not there", async () => {
  expect(await containerRuns(engine, name)).toBe(true);
  await docker(["kill", name]);
  expect(await containerRuns(engine, name)).toBe(false);
  expect(await containerRuns(engine, `${name}-gone`)).toBe(false);
  await expect(containerRuns("unix:///run/no-engine.sock", name)).rejects.toMatchObject({
    code: "unreachable",
  });
});
