import { readFileSync } from "node:fs";
import { describe, expect, expectTypeOf, it } from "vitest";
import type { z } from "zod";
import type { ClusterSpecInput } from "../../cluster/index.ts";
import type { clusterSchema } from "../../cluster/schema/schema.ts";
import { specificationTypes } from "../../toolchain/catalogue/specification-types.ts";

describe("the types of the specification", () => {
  it("are the ones that are committed; if not: node --import tsx toolchain/catalogue/main.ts types", () => {
    const file = new URL("../../cluster/schema/cluster-spec-input.ts", import.meta.url);
    expect(specificationTypes()).toBe(readFileSync(file, "utf8"));
  });

  it("are what zod infers from the schema, which the compiler checks", () => {
    expectTypeOf<ClusterSpecInput>().toEqualTypeOf<z.input<typeof clusterSchema>>();
  });

  it("say of every key what it means, and fit a line", () => {
    const lines = specificationTypes().split("\n");
    const keys = lines.flatMap((line, at) =>
      /^ {2}\w+\??:/.test(line) ? [{ line, before: lines[at - 1] }] : [],
    );
    expect(keys.length).toBeGreaterThan(100);
    for (const { line, before } of keys) expect(before, line).toMatch(/ \*\/$/);
    expect(lines.filter((line) => line.startsWith("  ") && line.length > 110)).toEqual([]);
  });
});
