import { beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { catalogue } from "../../cluster/catalogue.ts";
import { canonicalValue, findParameter } from "../../cluster/parameters.ts";
import type { ParameterValue } from "../../cluster/plan-types.ts";
import { parseQuantity } from "../../cluster/quantity.ts";
import { type Outcome, runIn } from "./container.ts";
import { planOf } from "./plans.ts";

/** Everything that may be set, each at a value that is not its default where a simple one can be found. */
const plan = planOf({ postgresql: { parameters: Object.fromEntries(catalogue.map(unusual)) } });
const parameters: Readonly<Record<string, ParameterValue>> = {
  ...plan.settings.postgresql.parameters,
  ...plan.localParameters,
};

const settingsQuery = `
  select json_agg(json_build_object('name', name, 'type', vartype, 'unit', unit, 'context', context,
    'min', min_val::float8, 'max', max_val::float8, 'values', enumvals)) from pg_settings`;

/** postgres -C reads the configuration as the server does; the server is then started with it to be asked. */
const ask = `
  set -e
  bin=/usr/lib/postgresql/17/bin; data=/tmp/data
  install -d -o postgres $data
  su postgres -c "$bin/initdb -D $data" >/tmp/log 2>&1 || { cat /tmp/log; exit 1; }
  cat /tmp/parameters.conf >> $data/postgresql.conf
  for name in ${Object.keys(parameters).join(" ")}; do
    echo "$name=$(su postgres -c "$bin/postgres -D $data -C $name")"
  done
  echo "--- settings"
  su postgres -c "$bin/pg_ctl -D $data -o '-k /tmp -c huge_pages=off' -w start" >/tmp/log 2>&1 || { cat /tmp/log; exit 1; }
  psql -U postgres -h /tmp -XAtc "$QUERY"
`;

const row = z.object({
  name: z.string(),
  type: z.string(),
  unit: z.string().nullable(),
  context: z.string(),
  min: z.number().nullable(),
  max: z.number().nullable(),
  values: z.array(z.string()).nullable(),
});

describe("PostgreSQL", () => {
  let outcome: Outcome = { exitCode: undefined, output: "" };
  let read = "";
  let rows: ReadonlyMap<string, z.infer<typeof row>> = new Map();

  beforeAll(async () => {
    outcome = await runIn({
      image: "spilo",
      script: ask,
      files: { "/tmp/parameters.conf": configuration(parameters) },
      env: { QUERY: settingsQuery },
    });
    if (outcome.exitCode !== 0) return;
    const [values = "", settings = ""] = outcome.output.split("--- settings\n");
    read = values;
    rows = new Map(
      z
        .array(row)
        .parse(JSON.parse(settings))
        .map((known) => [known.name, known]),
    );
  });

  it("accepts every parameter, and reads it as it is meant", () => {
    expect(outcome.exitCode, outcome.output).toBe(0);
    const understood = read.trim().split("\n").map(canonicalLine);
    expect(understood).toEqual(
      Object.entries(parameters).map(([name, value]) => [name, canonical(name, value)]),
    );
  });

  it("knows every parameter of the catalogue by the same type, unit and context", () => {
    const ours = catalogue.map(({ name, type, unit = null, context }) => ({ name, type, unit, context }));
    const theirs = catalogue.map(({ name }) => {
      const { type, unit, context } = rows.get(name) ?? { type: "unknown", unit: null, context: "unknown" };
      return { name, type, unit, context: context.replace("superuser-backend", "backend") };
    });
    expect(ours).toEqual(theirs);
  });

  it("has a range for each that is as wide as the catalogue's, or wider", () => {
    for (const { name, min, max, values } of catalogue) {
      const known = rows.get(name);
      if (min !== undefined) expect(known?.min, name).toBeLessThanOrEqual(min);
      if (max !== undefined && max !== Number.MAX_VALUE) expect(known?.max, name).toBeGreaterThanOrEqual(max);
      if (values !== undefined) expect(known?.values, name).toEqual(expect.arrayContaining([...values]));
    }
  });
});

function unusual({
  name,
  type,
  default: standard,
  max = 0,
}: (typeof catalogue)[number]): [string, ParameterValue] {
  // Numbers that take memory at the start stay small; others get the next whole number.
  if (type === "integer" && typeof standard === "number" && standard > 0 && standard < max)
    return [name, standard + 1];
  return [name, standard];
}

function configuration(values: Readonly<Record<string, ParameterValue>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name} = '${value}'\n`)
    .join("");
}

function canonicalLine(line: string): [string, ParameterValue] {
  const equals = line.indexOf("=");
  const name = line.slice(0, equals);
  return [name, canonical(name, line.slice(equals + 1))];
}

function canonical(name: string, value: ParameterValue): ParameterValue {
  const parameter = findParameter(name);
  if (parameter !== undefined) return canonicalValue(parameter, value) ?? value;
  // Of what only the stack sets, archive_timeout is the one with a unit.
  return name === "archive_timeout" ? (parseQuantity(String(value), "s") ?? value) : value;
}
