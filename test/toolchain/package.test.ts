import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { exitCodeTable } from "../../cluster/running/exit-codes.ts";
import { imageTag } from "../../images/build.ts";
import { root } from "../../toolchain/paths.ts";
import { docker, ready } from "../images/stage.ts";
import { type Consumer, makeConsumer } from "../packed.ts";

/** What is packed, in a project that has nothing else of this one. */
let consumer: Consumer;

beforeAll(async () => {
  consumer = await makeConsumer(join(root, "test", "live", "consumer"));
}, 600_000);

afterAll(() => consumer.dispose());

describe("the package", () => {
  it("brings neither what only this checkout needs, nor what only AWS does", async () => {
    const installed = await readdir(join(consumer.folder, "node_modules"));
    const ofPulumi = await readdir(join(consumer.folder, "node_modules", "@pulumi"));
    const nothing = ["tsx", "ora", "vitest", "knip"];
    expect(nothing.filter((name) => installed.includes(name))).toEqual([]);
    expect(ofPulumi).not.toContain("aws");
    const own = await readdir(join(consumer.folder, "node_modules", "pulumi-spilo"), { recursive: true });
    expect(own.filter((file) => /(?<!\.d)\.ts$|\.test\.|__pycache__|Pulumi\..*yaml/.test(file))).toEqual([]);
  });

  it("is taken by a strict compiler, wrong specifications are not, and Node loads what comes of it", {
    timeout: 240_000,
  }, async () => {
    expect(await consumer.run("tsc")).toBe("");
    const script =
      'const all = await Promise.all(["", "/actions", "/testing"].map((name) => import("pulumi-spilo" + name)));' +
      "console.log(all.map((one) => Object.keys(one).length > 0).join());";
    expect(await consumer.run("node", "--input-type=module", "--eval", script)).toBe("true,true,true");
  });

  it("says in its declarations what a key of the specification means", async () => {
    const schema = join(consumer.folder, "node_modules", "pulumi-spilo", "dist", "cluster", "schema");
    const declared = await readFile(join(schema, "cluster-spec-input.d.ts"), "utf8");
    expect(declared).toMatch(
      /\* PostgreSQL servers, the leader included\.\s+\* Takes [^@]+ 1 to 9\.\s+\* @default 3\s+\*\/\s+members\?: number \| undefined;/,
    );
  });

  it("plans, and renders every file, from what is installed", async () => {
    const script =
      'import * as all from "./node_modules/pulumi-spilo/dist/cluster/index.js";' +
      'const plan = all.planCluster(all.parseSpec({ name: "shop" }));' +
      'const etcd = all.renderEtcd(plan, plan.voters[0], "1a2b3c4d");' +
      "console.log([etcd, all.copyArchive, all.fromOrigin].map((text) => text.length > 100).join());";
    expect(await consumer.run("node", "--input-type=module", "--eval", script)).toBe("true,true,true");
  });

  it("builds the same images as this checkout", async () => {
    const { images } = JSON.parse(await consumer.run("spiloctl", "images", "--all", "--json"));
    const parts = ["spilo", "etcd", "proxy", "s3"] as const;
    expect(images).toEqual(Object.fromEntries(parts.map((part) => [part, imageTag(part, root)])));
  });

  it("builds an image that the engine does not have, from what is installed", {
    timeout: 600_000,
  }, async () => {
    // What nobody has built yet: another file than that of the checkout. All layers before it are in the engine's cache.
    await Promise.all([ready("proxy"), ready("s3")]);
    const installed = join(consumer.folder, "node_modules", "pulumi-spilo");
    const added = join(installed, "images", "proxy", "bin", "nothing");
    await writeFile(added, `#!/bin/sh\n# ${Date.now()}\n`);
    const name = imageTag("proxy", installed);
    try {
      const build = [`TMPDIR=${consumer.folder}`, "spiloctl", "images", "--build", "--json"];
      const { images, parts } = JSON.parse(await consumer.run("env", ...build));
      expect(images).toEqual({ proxy: name, s3: imageTag("s3", root) });
      expect(parts).toContainEqual({ part: "proxy", name, present: true });
      const run = ["run", "--rm", "--network", "none", "--entrypoint", "cat", name];
      expect(await docker([...run, "/usr/local/bin/nothing"])).toContain("#!/bin/sh");
    } finally {
      await rm(added);
      await execa("docker", ["image", "rm", "--force", name], { reject: false });
    }
  });

  it("has spiloctl, and a provider that the engine can start", async () => {
    const codes = await consumer.run("spiloctl", "help", "exit-codes");
    expect(codes.split("\n")).toHaveLength(exitCodeTable.length);
    const provider = join("node_modules", "pulumi-spilo", "provider", "pulumi-resource-spilo");
    // It says the port that it listens at, and goes with whoever has started it.
    const port = await consumer.run("sh", "-c", `timeout 20 ${provider} 127.0.0.1:1 | head -n 1`);
    expect(port).toMatch(/^\d+$/);
  });
});
