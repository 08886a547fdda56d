import { createRequire } from "node:module";
import { expect, it } from "vitest";
import { record } from "./recorder.ts";

it("a cluster on Docker loads nothing of AWS", async () => {
  await record({ name: "orders" });
  const loaded = Object.keys(createRequire(import.meta.url).cache);
  expect(loaded.some((file) => file.includes("/@pulumi/pulumi/"))).toBe(true);
  expect(loaded.filter((file) => file.includes("/@pulumi/aws/"))).toEqual([]);
});
