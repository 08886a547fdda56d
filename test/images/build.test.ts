import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildImage, imageTag } from "../../images/build.ts";
import { docker, eventually, ready, root } from "./stage.ts";

let project: string;
let base: string;
const made: string[] = [];

beforeAll(async () => {
  base = await ready("etcd");
  project = mkdtempSync(join(tmpdir(), "psimg-build-"));
}, 300_000);

afterAll(async () => {
  if (made.length > 0) await execa("docker", ["image", "rm", "--force", ...made], { reject: false });
  await execa("docker", ["image", "prune", "--force", "--filter", "label=run"], { reject: false });
  rmSync(project, { recursive: true, force: true });
});

/** A project whose one image does these steps. */
function projectWith(name: string, ...steps: readonly string[]): string {
  const folder = join(project, name);
  mkdirSync(join(folder, "images", "base"), { recursive: true });
  mkdirSync(join(folder, "images", "etcd"));
  // A label makes its layers its own, whatever other runs have left in the engine's cache.
  const lines = ["ARG BASE", "FROM $BASE", `LABEL run=${Date.now()}`, ...steps];
  writeFileSync(join(folder, "images", "etcd", "Dockerfile"), `${lines.join("\n")}\n`);
  made.push(imageTag("etcd", folder));
  return folder;
}

const options = (folder: string) => ({ root: folder, workDir: join(folder, "work"), baseImage: base });
const exists = async (tag: string) => (await docker(["image", "ls", "--quiet", tag])) !== "";

/** The commands of running containers that contain a marker. */
async function runningSteps(marker: string): Promise<string[]> {
  const list = await docker(["ps", "--no-trunc", "--format", "{{.Command}}"]);
  return list.split("\n").filter((command) => command.includes(marker));
}

describe("an image's tag", () => {
  test("changes with any file that goes into the image, and with the base", () => {
    const copy = join(project, "tags");
    cpSync(join(root, "images"), join(copy, "images"), { recursive: true });
    const tag = imageTag("spilo", copy);
    expect(tag).toMatch(/^pulumi-spilo\/spilo:[0-9a-f]{12}$/);
    expect(tag).toBe(imageTag("spilo", root));
    writeFileSync(join(copy, "images", "spilo", "tests", "more.py"), "");
    expect(imageTag("spilo", copy)).toBe(tag);
    writeFileSync(join(copy, "images", "spilo", "scripts", "more.py"), "");
    const changed = imageTag("spilo", copy);
    expect(changed).not.toBe(tag);
    writeFileSync(join(copy, "images", "base", "more"), "");
    expect(imageTag("spilo", copy)).not.toBe(changed);
    expect(imageTag("spilo", copy, "4.1.5")).not.toBe(imageTag("spilo", copy));
  });

  test("changes with a file that it shares with other images, and with no other image's", () => {
    const copy = join(project, "shared");
    cpSync(join(root, "images"), join(copy, "images"), { recursive: true });
    writeFileSync(join(copy, "images", "shared", "more"), "");
    const changed = (["spilo", "etcd", "proxy", "s3", "probe"] as const).filter(
      (name) => imageTag(name, copy) !== imageTag(name, root),
    );
    expect(changed).toEqual(["spilo", "proxy"]);
  });
});

describe("a build", () => {
  test("does nothing when the tag is there", async () => {
    const lines: string[] = [];
    const folder = projectWith("twice", "RUN true");
    const tag = await buildImage("etcd", options(folder));
    expect(await buildImage("etcd", { ...options(folder), onLine: (line) => lines.push(line) })).toBe(tag);
    expect(lines).toEqual([]);
  }, 60_000);

  test("that fails says why, and leaves no tag and no container", async () => {
    const folder = projectWith("failing", "RUN echo the reason: psimg-failing && exit 3");
    await expect(buildImage("etcd", options(folder))).rejects.toThrow("the reason: psimg-failing");
    expect(await exists(imageTag("etcd", folder))).toBe(false);
    expect(
      await docker(["ps", "--all", "--quiet", "--filter", "status=exited", "--filter", "label=run"]),
    ).toBe("");
  }, 60_000);

  test("that is stopped leaves no tag and nothing running, and the next one goes on from its last step", async () => {
    const folder = projectWith("stopped", "RUN echo one", "RUN sleep 2 && echo psimg-stopped");
    const stop = new AbortController();
    const onLine = (line: string) => line.startsWith("Step 5/5") && stop.abort();
    await expect(buildImage("etcd", { ...options(folder), onLine, signal: stop.signal })).rejects.toThrow(
      "stopped",
    );
    expect(await exists(imageTag("etcd", folder))).toBe(false);
    await eventually("the step is gone", 15_000, async () =>
      (await runningSteps("psimg-stopped")).length === 0 ? true : undefined,
    );
    const lines: string[] = [];
    await buildImage("etcd", { ...options(folder), onLine: (line) => lines.push(line) });
    expect(lines.join("\n")).toContain("Using cache");
    expect(await exists(imageTag("etcd", folder))).toBe(true);
  }, 60_000);

  test("whose process is killed is taken over by the next one", async () => {
    const folder = projectWith("killed", "RUN sleep 3 && echo psimg-killed");
    const code = `
      import { buildImage } from ${JSON.stringify(join(root, "images", "build.ts"))};
      await buildImage("etcd", ${JSON.stringify(options(folder))});`;
    const script = join(folder, "build.mts");
    writeFileSync(script, code);
    const child = execa("node", ["--import", "tsx", script], { cwd: root, reject: false });
    await eventually("the step runs", 20_000, async () =>
      (await runningSteps("psimg-killed")).length > 0 ? true : undefined,
    );
    child.kill("SIGKILL");
    await child;
    writeFileSync(join(folder, "work", "etcd.context.tar.999999999.unfinished"), "");
    await buildImage("etcd", options(folder));
    expect(await exists(imageTag("etcd", folder))).toBe(true);
    expect(readdirSync(join(folder, "work")).filter((file) => file.endsWith(".unfinished"))).toEqual([]);
  }, 60_000);
});
