import { rm } from "node:fs/promises";
import { execa } from "execa";
import { afterEach, expect, it } from "vitest";
import { prepare } from "../../toolchain/prepare.ts";
import { stepsOf } from "./guides/guide.ts";
import { type Newcomer, newcomer } from "./guides/newcomer.ts";

/** The guides, command by command, each in a clean checkout. */
const MINUTE = 60_000;
const [minor, major] = ["pulumi-spilo/guide-spilo-17:2", "pulumi-spilo/guide-spilo-17:3"];

let person: Newcomer | undefined;

afterEach(async () => {
  await person?.dispose();
  person = undefined;
  for (const packed of ["/tmp/inside", "/tmp/pulumi-spilo.tar.gz", "/tmp/images.tar.gz"]) {
    await rm(packed, { recursive: true, force: true });
  }
  await execa("docker", ["image", "rm", minor, major], { reject: false });
  await execa("docker", ["image", "rm", ...registryNames], { reject: false });
}, 5 * MINUTE);

const registryNames = ["spilo", "etcd", "proxy", "s3"].map((part) => `registry.example/pg/${part}-17:1`);

it.each([
  ["first-cluster", { stack: "first" }],
  ["changing", { stack: "change" }],
  ["backup-drill", { stack: "drilled", stacks: ["drill"] }],
  ["disaster", { stack: "lost" }],
  ["cross-zone", { stack: "zoned" }],
  ["air-gapped", { stack: "inside" }],
])("docs/guides/%s.md does what it says", { timeout: 25 * MINUTE }, async (page, wanted) => {
  person = await newcomer(wanted);
  expect(await person.follow(stepsOf(`docs/guides/${page}.md`))).toEqual([]);
});

it("docs/guides/upgrade.md does what it says, with other images of the same version", {
  timeout: 25 * MINUTE,
}, async () => {
  const { images } = await prepare();
  for (const name of [minor, major]) {
    await execa("docker", ["build", "--tag", name, "--label", `other=${name}`, "-"], {
      input: `FROM ${images.spilo}\n`,
    });
  }
  const standIns = {
    "ghcr.io/zalando/spilo-17:4.1-p1": minor,
    "ghcr.io/zalando/spilo-18:4.1-p1": major,
    "postgresql.version 18": "postgresql.version 17",
  };
  person = await newcomer({ stack: "upgrade", stacks: ["next"], standIns });
  expect(await person.follow(stepsOf("docs/guides/upgrade.md"))).toEqual([]);
});
