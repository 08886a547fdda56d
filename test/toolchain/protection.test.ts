import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { holdsBackups } from "../../toolchain/leftovers.ts";
import { backupsKept } from "../../toolchain/stack.ts";
import { configFile, protectedByConfig } from "../../toolchain/stack-config.ts";
import { calling, inChild } from "./child.ts";

const STACK = "protection-of-a-test";

let scratch: string;

beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), "spilo-protection-"));
});

afterEach(async () => {
  await rm(configFile(STACK), { force: true });
  await rm(scratch, { recursive: true, force: true });
});

async function declare(specification: unknown): Promise<void> {
  await writeFile(configFile(STACK), stringify({ config: { "spilo:cluster": specification } }));
}

describe("what a configuration protects", () => {
  it.each([
    [{ name: "orders" }, "orders"],
    [{ name: "orders", deletionProtection: true }, "orders"],
    [{ name: "orders", deletionProtection: false }, undefined],
    // What is wrong with it is told by `up`; it does not unprotect.
    [{ name: "orders", deletionProtection: "no" }, "orders"],
    [undefined, undefined],
  ])("with %j is %s", async (specification, cluster) => {
    await declare(specification);
    expect(await protectedByConfig(STACK)).toBe(cluster);
  });

  it("is nothing when there is none", async () => {
    expect(await protectedByConfig(STACK)).toBeUndefined();
  });

  it("is not forgotten by `down --forget`, which says what to do", async () => {
    await declare({ name: "orders" });
    const { exitCode, output } = await inChild(
      calling("down.ts", `down(["--stack", "${STACK}", "--forget"])`),
      { SPILO_RUN_DIR: scratch },
    );
    expect(exitCode).toBe(1);
    expect(output).toContain(
      `error  stack ${STACK}: deletionProtection is on\n` +
        "       it protects orders; nothing was removed.\n" +
        `       Set deletionProtection: false in Pulumi.${STACK}.yaml, and run this again.`,
    );
  });
});

describe("volumes with backups", () => {
  const volumes = [
    { name: "orders-s3-data-1a2b3c4d", part: "s3" },
    { name: "orders-s3-identity-1a2b3c4d", part: "s3" },
    { name: "orders-1-data-1a2b3c4d", part: "member" },
  ];

  it("are those of the S3 server's buckets", () => {
    expect(volumes.filter(holdsBackups)).toEqual(volumes.slice(0, 1));
  });

  it("are named with what removes them", () => {
    expect(backupsKept(volumes)).toEqual([
      "kept: orders-s3-data-1a2b3c4d, with the backups of an earlier life of this stack (docs/teardown.md says how to " +
        "restore from them; docker volume rm orders-s3-data-1a2b3c4d removes them)",
    ]);
    expect(backupsKept(volumes.slice(1))).toEqual([]);
  });
});
