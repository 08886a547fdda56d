import { beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import type { ClusterPlan } from "../../cluster/index.ts";
import {
  canonicalValue,
  findParameter,
  type Parameter,
  settableParameters,
} from "../../cluster/parameters/parameters.ts";
import type { ParameterValue } from "../../cluster/plan-types.ts";
import { runIn } from "./container.ts";
import { planOf } from "./plans.ts";
import { samplePlans } from "./samples.ts";

type Parameters = Readonly<Record<string, ParameterValue>>;

/** Everything that may be set, each at a value that is not its default where a simple one can be found. */
const everything = parametersOf(
  planOf({ postgresql: { parameters: Object.fromEntries(settableParameters().map(unusual)) } }),
);

/** Starts a server with a configuration and asks it what it works with. */
const ask = `
  set -e
  bin=/usr/lib/postgresql/17/bin; data=/tmp/data
  install -d -o postgres $data
  su postgres -c "$bin/initdb -D $data --no-sync" >/tmp/log 2>&1 || { cat /tmp/log; exit 1; }
  cat /tmp/parameters.conf >> $data/postgresql.conf
  su postgres -c "$bin/pg_ctl -D $data -l /tmp/server -w start -o '-k /tmp -c huge_pages=off \\
    -c shared_preload_libraries=pg_stat_statements'" >/tmp/log 2>&1 || { cat /tmp/log /tmp/server; exit 1; }
  psql -U postgres -h /tmp -XAtc "select json_object_agg(lower(name), setting || coalesce(
    case when unit = '8kB' then '' else unit end, '')) from pg_settings"
`;

/** Has PostgreSQL read each configuration as a server does at its start; prints what it finds wrong with one. */
const readAll = `
  set -e
  bin=/usr/lib/postgresql/17/bin; data=/tmp/data
  install -d -o postgres $data
  su postgres -c "$bin/initdb -D $data --no-sync" >/tmp/log 2>&1 || { cat /tmp/log; exit 1; }
  for index in $(seq $COUNT); do
    cp /tmp/sample-$index.conf $data/postgresql.conf
    su postgres -c "$bin/postgres -D $data -C max_connections" || echo "sample $index is refused"
  done
`;

describe("PostgreSQL", () => {
  let exitCode: number | undefined;
  let output = "";

  beforeAll(async () => {
    const files = { "/tmp/parameters.conf": configuration(everything) };
    ({ exitCode, output } = await runIn({ image: "spilo", script: ask, files }));
  });

  it("accepts every parameter, and reads it as it is meant", () => {
    expect(exitCode, output).toBe(0);
    const inForce = z.record(z.string(), z.string()).parse(JSON.parse(output));
    const names = Object.keys(everything).filter((name) => !shownOtherwise.has(name));
    const meant = names.map((name) => [name, canonical(name, everything[name] ?? "")]);
    expect(names.map((name) => [name, canonical(name, inForce[name] ?? "")])).toEqual(meant);
    expect(names.length).toBeGreaterThan(250);
  });

  it("accepts the settings of every generated specification", async () => {
    const plans = samplePlans(40);
    const files = plans.map((plan, index) => [
      `/tmp/sample-${index + 1}.conf`,
      configuration(parametersOf(plan)),
    ]);
    const outcome = await runIn({
      image: "spilo",
      script: readAll,
      files: Object.fromEntries(files),
      env: { COUNT: String(plans.length) },
    });
    expect(outcome.output.trim().split("\n")).toEqual(plans.map(connectionsOf));
  });
});

/** Servers show what came of these, not what was set; the name is the client's own. */
const shownOtherwise: ReadonlySet<string> = new Set([
  "application_name",
  "commit_timestamp_buffers",
  "huge_pages",
  "subtransaction_buffers",
  "transaction_buffers",
  "wal_buffers",
  "wal_compression",
]);

function parametersOf({ settings, localParameters }: ClusterPlan): Parameters {
  return { ...settings.postgresql.parameters, ...localParameters };
}

function connectionsOf({ settings }: ClusterPlan): string {
  return String(settings.postgresql.parameters["max_connections"]);
}

function unusual({ name, type, default: standard, max = 0, step = 1 }: Parameter): [string, ParameterValue] {
  // Numbers that take memory at the start stay small; others get the next one.
  if (type === "integer" && typeof standard === "number" && standard > 0 && standard < max)
    return [name, standard + step];
  return [name, standard];
}

function configuration(values: Parameters): string {
  return Object.entries(values)
    .map(([name, value]) => `${name} = '${String(value).replaceAll("'", "''")}'\n`)
    .join("");
}

function canonical(name: string, value: ParameterValue): ParameterValue {
  const parameter = findParameter(name);
  if (parameter === undefined) throw new Error(`the catalogue has no ${name}`);
  return canonicalValue(parameter, value) ?? value;
}
