import { describe, expect, it } from "vitest";
import { parseDocument } from "yaml";
import { readZones, writeAvailability } from "../../actions/zones/zone-configuration.ts";

/** A stack's configuration with its zones written like this, below `zones:`. */
function written(zones: string): { readonly stack: string; readonly path: string; readonly text: string } {
  const text = `config:\n  spilo:cluster:\n    name: orders\n    placement:\n      zones:${zones}\n`;
  return { stack: "prod", path: "Pulumi.prod.yaml", text };
}

const availableIn = (text: string) =>
  readZones({ ...written(""), text }).zones.map(({ available }) => available);

describe("available is set in the text as it is written", () => {
  it.each<[string, string, string]>([
    ["a block", "\n        - name: a\n          host: unix:///a.sock", "\n          available: false"],
    [
      "a block that is not indented",
      "\n      - name: a\n        host: unix:///a.sock",
      "\n        available: false",
    ],
    ["a comment at its end", "\n      - name: a # first\n      # none", ""],
    ["a flow", " [ { name: a, host: unix:///a.sock } ]", ""],
    ["a flow over lines", " [\n        { name: a,\n          host: unix:///a.sock },\n      ]", ""],
    ["a value", "\n      - available:   true   # so far\n        name: a", ""],
    ["a value in a flow", " [{ available: true, name: a }]", ""],
    [
      "a quoted value last",
      '\n      - host: unix:///a.sock\n        name: "a"',
      "\n        available: false",
    ],
  ])("%s", (_what, zones, added) => {
    const file = written(zones);
    const { text, changes } = writeAvailability(file, [{ index: 0, available: false }]);
    expect(availableIn(text)).toEqual([false]);
    expect(changes).toHaveLength(1);
    // All but the one line is as it was.
    const [change] = changes;
    const lines = file.text.split("\n");
    expect(lines[(change?.line ?? 0) - 1]).toBe(change?.before);
    lines.splice((change?.line ?? 0) - 1, 1, ...(change?.after ?? []));
    expect(text).toBe(lines.join("\n"));
    expect(text).toContain(added);
  });

  it("for several in one line, each its own", () => {
    const file = written(" [ { name: a }, { name: b, available: false }, { name: c } ] # three");
    const { text, changes } = writeAvailability(file, [
      { index: 1, available: true },
      { index: 2, available: false },
    ]);
    expect(availableIn(text)).toEqual([true, true, false]);
    expect(changes).toEqual([
      {
        line: 5,
        before: "      zones: [ { name: a }, { name: b, available: false }, { name: c } ] # three",
        after: [
          "      zones: [ { name: a }, { name: b, available: true }, { name: c, available: false } ] # three",
        ],
      },
    ]);
  });

  it("and back, which leaves no trace of another value", () => {
    const file = written("\n      - name: a\n        available: false");
    const { text } = writeAvailability(file, [{ index: 0, available: true }]);
    expect(parseDocument(text).toJS()).toEqual(
      parseDocument(file.text.replace("available: false", "available: true")).toJS(),
    );
  });
});

it("what is written elsewhere is left to whoever wrote it there", () => {
  const file = written("\n      - &here { name: a }\n      - *here");
  expect(() => writeAvailability(file, [{ index: 1, available: false }])).toThrow(
    /Pulumi\.prod\.yaml: spilo:cluster\.placement\.zones\[1\]\.available cannot be set[\s\S]*Nothing was written/,
  );
  // The other one is the same thing, and would change with it.
  expect(() => writeAvailability(file, [{ index: 0, available: false }])).toThrow("Nothing was written");
});
