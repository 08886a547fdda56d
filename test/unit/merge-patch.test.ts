import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  applyMergePatch,
  createMergePatch,
  type Json,
  type JsonObject,
} from "../../cluster/settings/merge-patch.ts";

const same = (_path: readonly string[], from: Json, to: Json) => JSON.stringify(from) === JSON.stringify(to);

describe("createMergePatch", () => {
  it("holds what is new or different, and null for what is gone", () => {
    const from = { a: 1, b: { c: "x", d: "y" }, e: [1] };
    const to = { a: 1, b: { c: "z" }, e: [1, 2], f: true };
    expect(createMergePatch(from, to, same)).toEqual({ b: { c: "z", d: null }, e: [1, 2], f: true });
  });

  it("is empty when nothing differs", () => {
    expect(createMergePatch({ a: { b: 1 } }, { a: { b: 1 } }, same)).toEqual({});
  });

  it("leads from any object to any other", () => {
    const scalar = fc.oneof(fc.string(), fc.integer(), fc.boolean());
    const key = fc.constantFrom("a", "b", "c", "d");
    const object = fc.dictionary(key, fc.oneof(scalar, fc.dictionary(key, scalar)));
    fc.assert(
      fc.property(object, object, (from, to) => {
        const [older, newer] = [plain(from), plain(to)];
        expect(applyMergePatch(older, createMergePatch(older, newer, same))).toEqual(newer);
      }),
    );
  });
});

/** Without prototypes, which generated dictionaries may lack and expectations compare. */
function plain(object: JsonObject): JsonObject {
  return JSON.parse(JSON.stringify(object));
}
