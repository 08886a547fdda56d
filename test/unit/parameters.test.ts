import { describe, expect, it } from "vitest";
import { catalogue } from "../../cluster/catalogue.ts";
import { allowedValues, canonicalValue, findParameter, parameterNames } from "../../cluster/parameters.ts";
import type { ParameterValue } from "../../cluster/plan-types.ts";
import { refusalOf } from "../../cluster/refused-parameters.ts";

describe("canonicalValue", () => {
  it.each<[string, ParameterValue, ParameterValue | undefined]>([
    ["work_mem", "1024kB", "1MB"],
    ["work_mem", 1024, "1MB"],
    ["work_mem", "1.5MB", "1536kB"],
    ["work_mem", "63kB", undefined],
    ["work_mem", "5min", undefined],
    ["work_mem", true, undefined],
    ["max_connections", "200", 200],
    ["max_connections", 200.5, undefined],
    ["max_connections", "2e2", undefined],
    ["max_slot_wal_keep_size", -1, -1],
    ["statement_timeout", 0, 0],
    ["checkpoint_completion_target", "0.9", 0.9],
    ["checkpoint_completion_target", 1.1, undefined],
    ["jit", true, "on"],
    ["jit", "No", "off"],
    ["jit", "maybe", undefined],
    ["wal_level", "LOGICAL", "logical"],
    ["synchronous_commit", false, "off"],
    ["wal_compression", true, "on"],
    ["wal_compression", "gzip", undefined],
  ])("of %s, given %j, is %j", (name, value, expected) => {
    expect(canonicalValue(known(name), value)).toBe(expected);
  });

  it("is the same again when it is taken of itself", () => {
    for (const parameter of catalogue) {
      const once = canonicalValue(parameter, parameter.default);
      if (once === undefined) throw new Error(`${parameter.name} does not take its own default`);
      expect(canonicalValue(parameter, once), parameter.name).toBe(once);
    }
  });
});

describe("the catalogue", () => {
  it("has every name once, and none that is refused", () => {
    expect(parameterNames).toHaveLength(catalogue.length);
    expect(parameterNames.filter((name) => refusalOf(name) !== undefined)).toEqual([]);
  });

  it.each([
    ["jit", "on or off"],
    ["wal_level", "one of replica, logical"],
    ["random_page_cost", "a number of at least 0"],
    ["max_connections", "a whole number from 25 to 262143"],
    ["checkpoint_timeout", "a whole number of s from 30 to 86400, or one with a unit (us, ms, s, min, h, d)"],
  ])("says what %s takes: %s", (name, words) => {
    expect(allowedValues(known(name))).toBe(words);
  });

  it.each([
    "fsync",
    "listen_addresses",
    "archive_command",
    "ssl_cert_file",
    "recovery_target_time",
    "extwlist.custom_path",
  ])("refuses %s with a remedy", (name) => {
    expect(refusalOf(name)?.remedy).toMatch(/^Remove it/);
  });
});

function known(name: string) {
  const parameter = findParameter(name);
  if (parameter === undefined) throw new Error(`not in the catalogue: ${name}`);
  return parameter;
}
