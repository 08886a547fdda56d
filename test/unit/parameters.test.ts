import { describe, expect, it } from "vitest";
import { z } from "zod";
import { catalogueFile, versionsOf } from "../../cluster/parameters/catalogue.ts";
import {
  allowedValues,
  canonicalValue,
  findParameter,
  settableParameters,
} from "../../cluster/parameters/parameters.ts";
import { refusalOf } from "../../cluster/parameters/refused-parameters.ts";
import type { ParameterValue } from "../../cluster/plan-types.ts";

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
    for (const parameter of [14, 15, 16, 17, 18].flatMap((version) => settableParameters(version))) {
      const once = canonicalValue(parameter, parameter.default);
      if (once === undefined) throw new Error(`${parameter.name} does not take its own default`);
      expect(canonicalValue(parameter, once), parameter.name).toBe(once);
    }
  });

  it("of a text is the text, unless it has a line break or the like", () => {
    expect(canonicalValue(known("search_path"), "app, public")).toBe("app, public");
    expect(canonicalValue(known("log_line_prefix"), "%m [%p] ")).toBe("%m [%p] ");
    expect(canonicalValue(known("search_path"), "app\nfsync = off")).toBeUndefined();
  });
});

describe("the catalogue", () => {
  const words = z.array(z.string()).min(1);
  const facts = z.strictObject({
    versions: z.array(z.literal([14, 15, 16, 17, 18])).min(1),
    documented: z
      .array(z.literal([14, 16, 18]))
      .min(1)
      .optional(),
    type: z.enum(["bool", "integer", "real", "enum", "string"]),
    unit: z.enum(["B", "kB", "8kB", "MB", "ms", "s", "min"]).optional(),
    context: z.enum([
      "internal",
      "postmaster",
      "sighup",
      "superuser",
      "superuser-backend",
      "backend",
      "user",
    ]),
    min: z.number().optional(),
    max: z.number().optional(),
    values: words.optional(),
    default: z.union([z.string(), z.number()]),
  });

  it("has the form that it is read in", () => {
    const entry = z.strictObject({
      name: z.string().regex(/^[a-z_0-9.]+$/),
      category: z.string().optional(),
      replication: z.enum(["sending", "primary", "standby", "subscriber"]).optional(),
      note: z.string().optional(),
      facts: z.array(facts).min(1),
    });
    expect(z.array(entry).safeParse(catalogueFile.parameters).error).toBeUndefined();
  });

  it("has every name once, sorted, and no version of one twice", () => {
    const names = catalogueFile.parameters.map(({ name }) => name);
    expect(names).toEqual([...new Set(names)].sort());
    for (const entry of catalogueFile.parameters) {
      expect(versionsOf(entry), entry.name).toEqual([...new Set(versionsOf(entry))]);
    }
  });

  it("says of each version whether a server told it", () => {
    expect(Object.entries(catalogueFile.sources)).toEqual([
      ["14", "documented differences from 15"],
      ["15", expect.stringMatching(/^pg_settings of 15\.\d+$/)],
      ["16", "documented differences from 17"],
      ["17", expect.stringMatching(/^pg_settings of 17\.\d+$/)],
      ["18", "documented differences from 17"],
    ]);
  });

  it("lets nothing be set that is refused", () => {
    for (const version of [14, 15, 16, 17, 18]) {
      const names = settableParameters(version).map(({ name }) => name);
      expect(names.length).toBeGreaterThan(230);
      expect(names.filter((name) => refusalOf(name) !== undefined)).toEqual([]);
    }
  });

  it.each([
    ["autovacuum_max_workers", 17, "postmaster"],
    ["autovacuum_max_workers", 18, "sighup"],
    ["shared_buffers", 14, "postmaster"],
    ["work_mem", 18, "user"],
  ])("knows when a value of %s is taken by PostgreSQL %i", (name, version, context) => {
    expect(findParameter(name, version)?.context).toBe(context);
  });

  it.each([
    ["io_method", [18]],
    ["summarize_wal", [17, 18]],
    ["reserved_connections", [16, 17, 18]],
    ["old_snapshot_threshold", [14, 15, 16]],
    ["wal_decode_buffer_size", [15, 16, 17, 18]],
  ])("knows which versions have %s", (name, versions) => {
    expect([14, 15, 16, 17, 18].filter((version) => findParameter(name, version) !== undefined)).toEqual(
      versions,
    );
  });

  it("tells where each parameter of replication acts", () => {
    const groups = catalogueFile.parameters.flatMap(({ replication }) => replication ?? []);
    const count = (group: string) => groups.filter((found) => found === group).length;
    expect(["sending", "primary", "standby", "subscriber"].map(count)).toEqual([6, 2, 12, 2]);
  });

  it.each([
    ["jit", "on or off"],
    ["wal_level", "one of replica, logical"],
    ["random_page_cost", "a number of at least 0"],
    ["max_connections", "a whole number from 25 to 262143"],
    ["checkpoint_timeout", "a whole number of s from 30 to 86400, or one with a unit (us, ms, s, min, h, d)"],
    ["search_path", "a text on one line"],
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
    "server_version",
    "ignore_checksum_failure",
    "transaction_isolation",
    "session_preload_libraries",
  ])("refuses %s with a remedy", (name) => {
    expect(refusalOf(name)?.remedy).toMatch(/^Remove it/);
  });
});

function known(name: string) {
  const parameter = findParameter(name);
  if (parameter === undefined) throw new Error(`not in the catalogue: ${name}`);
  return parameter;
}
