import { describe, expect, it } from "vitest";
import { type InForce, isInForce } from "../../actions/settings/in-force.ts";
import type { ParameterValue } from "../../cluster/plan-types.ts";

function row(values: Partial<InForce>): InForce {
  return {
    name: "some_setting",
    setting: "0",
    unit: null,
    vartype: "integer",
    context: "user",
    source: "configuration file",
    pendingRestart: false,
    sourceFile: null,
    ...values,
  };
}

describe("a value is in force when PostgreSQL works with it, however it was written", () => {
  it.each<[Partial<InForce>, ParameterValue, boolean]>([
    [{ setting: "200" }, 200, true],
    [{ setting: "200" }, "200", true],
    [{ setting: "200" }, 250, false],
    [{ setting: "8192", unit: "kB" }, "8MB", true],
    [{ setting: "8192", unit: "kB" }, "9MB", false],
    [{ setting: "16384", unit: "8kB" }, "128MB", true],
    [{ setting: "300", unit: "s" }, "5min", true],
    [{ setting: "2", unit: "s" }, "1500ms", true],
    [{ setting: "-1", unit: "ms" }, -1, true],
    [{ setting: "on", vartype: "bool" }, true, true],
    [{ setting: "on", vartype: "bool" }, "yes", true],
    [{ setting: "off", vartype: "bool" }, "on", false],
    [{ setting: "1.1", vartype: "real" }, "1.1", true],
    [{ setting: "0.9", vartype: "real" }, 0.5, false],
    [{ setting: "on", vartype: "enum" }, true, true],
    [{ setting: "replica", vartype: "enum" }, "logical", false],
    [{ setting: "pglz", vartype: "enum", name: "wal_compression" }, "on", true],
    [{ setting: "lz4", vartype: "enum", name: "wal_compression" }, "on", false],
    [{ setting: "a, b", vartype: "string" }, "a,b", true],
    [{ setting: "512", unit: "8kB", name: "wal_buffers" }, "-1", true],
    [{ setting: "4096", unit: "kB", source: "user" }, "8MB", true],
    [{ setting: "4096", unit: "kB" }, "eight", false],
  ])("%j with %j: %s", (values, wanted, expected) => {
    expect(isInForce(row(values), wanted)).toBe(expected);
  });
});
