import { describe, expect, it } from "vitest";
import { type Parameter, settableParameters } from "../../cluster/parameters/parameters.ts";
import type { ParameterValue } from "../../cluster/plan-types.ts";
import { runIn } from "./container.ts";
import { planOf } from "./plans.ts";

/** What Patroni makes of `postgresql.parameters` in `/config`: it drops what it does not accept, and says so. */
const process = `
  python3 - <<'END'
import json, logging, os
from patroni.config import Config
logging.basicConfig(format="%(message)s")
print(json.dumps(Config._process_postgresql_parameters(json.loads(os.environ["PARAMETERS"]))))
END
`;

/**
 * What Patroni makes of a value on its way to postgresql.conf; null when it drops it. A name that is not in its table
 * it asks the server for, and passes the value on: here the server has every name.
 */
const transform = `
  python3 - <<'END'
import json
from patroni.collections import CaseInsensitiveSet
from patroni.postgresql.validator import transform_postgresql_parameter_value
asked = json.load(open("/tmp/asked.json"))
names = CaseInsensitiveSet(name for _, name, _ in asked)
print(json.dumps([transform_postgresql_parameter_value(version * 10000, name, value, names)
                  for version, name, value in asked]))
END
`;

describe("Patroni", () => {
  it.each([
    ["the defaults", {}],
    ["the least of everything", Object.fromEntries(settableParameters().flatMap(least))],
  ])("takes %s as they are, and puts no default of its own in their place", async (_title, written) => {
    // One member needs the fewest senders, so that the smallest values pass the rules.
    const { parameters } = planOf({ members: 1, postgresql: { parameters: written } }).settings.postgresql;
    const { exitCode, output } = await runIn({
      image: "spilo",
      script: process,
      env: { PARAMETERS: JSON.stringify(parameters) },
    });
    expect(exitCode, output).toBe(0);
    expect(JSON.parse(output)).toEqual(parameters);
  });

  it("drops no value of a parameter that may be set, in any version that it knows", async () => {
    const asked = [14, 15, 16, 17].flatMap((version) =>
      settableParameters(version).flatMap((parameter) =>
        ends(parameter).map((value) => [version, parameter.name, String(value)] as const),
      ),
    );
    const { exitCode, output } = await runIn({
      image: "spilo",
      script: transform,
      files: { "/tmp/asked.json": JSON.stringify(asked) },
    });
    expect(exitCode, output).toBe(0);
    expect(asked.length).toBeGreaterThan(1000);
    const kept: readonly unknown[] = JSON.parse(output);
    expect(asked.filter((_, index) => kept[index] === null)).toEqual([]);
  });
});

/** The smallest value that a parameter takes and that the rules let pass. */
function least({ name, channel, min }: Parameter): [string, ParameterValue][] {
  if (min === undefined || channel !== "dynamic") return [];
  return [[name, name === "max_wal_senders" ? 4 : min]];
}

function ends({ min, max, besides, values, default: standard }: Parameter): readonly ParameterValue[] {
  return [standard, min, max, besides, ...(values ?? [])].filter((value) => value !== undefined);
}
