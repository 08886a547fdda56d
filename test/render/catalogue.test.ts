import { beforeAll, describe, expect, it } from "vitest";
import { catalogueFile } from "../../cluster/parameters/catalogue.ts";
import { type Parameter, settableParameters } from "../../cluster/parameters/parameters.ts";
import { formatQuantity } from "../../cluster/schema/quantity.ts";
import { factsByName } from "../../toolchain/catalogue/join.ts";
import { readAnswer, type ServerAnswer, serverScript } from "../../toolchain/catalogue/server-row.ts";
import { runIn } from "./container.ts";

const programs = "/usr/lib/postgresql/17/bin";

/** Every parameter that may be set, but the one that only a file can have. */
const settable = settableParameters(17).filter(({ name }) => name !== "allow_alter_system");

/** Values at the edges of what each takes. */
const edges = settable.flatMap((parameter) =>
  edgeValues(parameter).map((value) => `alter system set ${parameter.name} = '${value}';`),
);

/** A server checks a value that it is told to keep as it checks one in its file, and says what is wrong with it. */
const keepAll = `
  set -e
  work=$(mktemp -d); chown postgres $work
  su postgres -c "${programs}/initdb -D $work/data --no-sync" >/tmp/log 2>&1 || { cat /tmp/log; exit 1; }
  su postgres -c "${programs}/pg_ctl -D $work/data -w start -o '-k $work -c fsync=off \\
    -c shared_preload_libraries=pg_stat_statements'" >/tmp/log 2>&1 || { cat /tmp/log; exit 1; }
  psql -U postgres -h $work -XAtq -f /tmp/edges.sql 2>&1
  echo "kept $(psql -U postgres -h $work -XAtqc "select count(distinct name) from pg_file_settings where sourcefile like '%auto.conf'")"
`;

describe("the catalogue", () => {
  let answer: ServerAnswer = { version: "", rows: [] };

  beforeAll(async () => {
    const { output } = await runIn({ image: "spilo", script: `set -- ${programs}\n${serverScript}` });
    answer = readAnswer(output);
  });

  it("says of every parameter what the image's server says", () => {
    const ours = catalogueFile.parameters.flatMap(({ name, facts }) =>
      facts
        .filter(({ versions }) => versions.includes(17))
        .map(({ versions: _, documented: __, ...told }) => [name, told] as const),
    );
    const known = new Set(ours.map(([name]) => name));
    const told = [...factsByName(answer.rows)];
    expect(Object.fromEntries(ours)).toEqual(Object.fromEntries(told.filter(([name]) => known.has(name))));
    // A minor release that is newer may add one, which servers of the one before would not take.
    const others = told.filter(([name]) => !known.has(name));
    expect(others.length).toBeLessThanOrEqual(releasesSince(answer.version));
  });

  it("was read from a release that is not newer than the image's", () => {
    expect(releasesSince(answer.version)).toBeGreaterThanOrEqual(0);
  });

  it("has no value for what may be set that the server would not take", async () => {
    const { exitCode, output } = await runIn({
      image: "spilo",
      script: keepAll,
      files: { "/tmp/edges.sql": edges.join("\n") },
    });
    expect(output.trim()).toBe(`kept ${settable.length}`);
    expect(exitCode).toBe(0);
    expect(edges.length).toBeGreaterThan(700);
  });
});

/** Minor releases between the one that the catalogue was read from and a server's; 0: they are the same. */
function releasesSince(version: string): number {
  const [, read] = /^pg_settings of 17\.(\d+)$/.exec(catalogueFile.sources["17"] ?? "") ?? [];
  const [, minor] = /^17\.(\d+)/.exec(version) ?? [];
  return Number(minor) - Number(read);
}

/** The default, the ends of a range, and every word. */
function edgeValues(parameter: Parameter): readonly (string | number)[] {
  const {
    type,
    default: standard,
    min = 0,
    max = 1e9,
    step = 1,
    besides = min,
    values = [],
    unit,
  } = parameter;
  const usual = String(standard).replaceAll("'", "''");
  switch (type) {
    case "bool":
      return ["on", "off"];
    case "enum":
      return values;
    case "string":
      return [usual];
    case "integer":
    case "real": {
      const top = type === "integer" ? highest(parameter.name, max - (max % step)) : max;
      const spelled = [min, top, besides].map((value) =>
        unit === undefined ? value : formatQuantity(value, unit),
      );
      return [...new Set([usual, ...spelled])];
    }
    default:
      return type satisfies never;
  }
}

/** All processes are counted together: at the most of one there is no room for the others. */
function highest(name: string, max: number): number {
  return /^(max_connections|max_wal_senders|max_worker_processes|autovacuum_max_workers)$/.test(name)
    ? Math.min(max, 200_000)
    : max;
}
