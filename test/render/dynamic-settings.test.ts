import { describe, expect, it } from "vitest";
import { catalogue } from "../../cluster/catalogue.ts";
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

describe("Patroni", () => {
  it.each([
    ["the defaults", {}],
    ["the least of everything", Object.fromEntries(catalogue.flatMap(least))],
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
});

/** The smallest value that a parameter takes and that the rules let pass. */
function least({ name, channel, min }: (typeof catalogue)[number]): [string, ParameterValue][] {
  if (min === undefined || channel !== "dynamic") return [];
  return [[name, name === "max_wal_senders" ? 4 : min]];
}
