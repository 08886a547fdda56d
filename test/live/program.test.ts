import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { root } from "../../toolchain/paths.ts";
import { prepare } from "../../toolchain/prepare.ts";
import { containerIds, everythingOf } from "./engine.ts";
import type { Declared } from "./program/declared.ts";
import { makeWorld, type World } from "./world.ts";

/** Another program than this project's own, with two clusters: one is taken out, the other's variable is renamed. */
const STACK = "program";
const MINUTE = 60_000;
const folder = join(root, "test", "live", "program");
const staying = { resource: "orders", name: "program-a" };
const leaving = { resource: "carts", name: "program-b" };

let world: World;
let images: Declared["images"];

beforeAll(async () => {
  ({ images } = await prepare());
  world = await makeWorld(STACK);
  await world.pulumi("--cwd", folder, "stack", "init");
  await pulumiWith([staying, leaving], "up", "--yes", "--skip-preview");
}, 5 * MINUTE);

afterAll(async () => {
  await world.dispose();
  await rm(join(folder, `Pulumi.${STACK}.yaml`), { force: true });
}, 3 * MINUTE);

it("takes one cluster away when it is taken out, and leaves the other alone", {
  timeout: 3 * MINUTE,
}, async () => {
  const before = await containerIds(staying.name);
  expect(Object.keys(before)).toHaveLength(5);
  await pulumiWith([staying], "up", "--yes", "--skip-preview");
  expect(await everythingOf(leaving.name)).toEqual([]);
  expect(await containerIds(staying.name)).toEqual(before);
});

it("has nothing to do for a cluster's variable with another name and an alias", {
  timeout: 2 * MINUTE,
}, async () => {
  const renamed = { ...staying, resource: "sales", formerly: staying.resource };
  await pulumiWith([renamed], "preview", "--diff", "--expect-no-changes");
  const before = await containerIds(staying.name);
  await pulumiWith([renamed], "up", "--yes", "--skip-preview");
  expect(await containerIds(staying.name)).toEqual(before);
});

it("is gone after a plain destroy, without flags", { timeout: 2 * MINUTE }, async () => {
  await pulumiWith([], "destroy", "--yes");
  expect(await everythingOf(staying.name)).toEqual([]);
});

async function pulumiWith(clusters: Declared["clusters"], ...args: string[]): Promise<void> {
  process.env["DECLARED"] = JSON.stringify({ clusters, images });
  await world.pulumi("--cwd", folder, ...args);
}
