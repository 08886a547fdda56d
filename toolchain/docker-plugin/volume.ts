/** `docker.Volume`. Any change replaces it, and its data with it. */
import { askFor, type Engine, find } from "./engine.ts";
import { saying } from "./failures.ts";
import type { Created, Kind } from "./kind.ts";
import { fromLabels, toLabels } from "./labels.ts";
import { removeWhenFree } from "./removal.ts";
import { computedReplaces, labelFields, output, replaces, type Schema } from "./schema.ts";
import { mapping, type Properties, records, text } from "./values.ts";

const schema: Schema = {
  name: computedReplaces("text"),
  driver: computedReplaces("text"),
  driverOpts: replaces("mapping"),
  labels: replaces("recordSet", { fields: labelFields }),
  cluster: replaces("record", { notCovered: "cluster volumes need a Swarm" }),
  mountpoint: output("text"),
};

export const volume: Kind = {
  token: "docker:index/volume:Volume",
  schema,
  autoNamed: true,
  deletesBeforeReplace: "named",
  create,
  read,
  // Nothing of a volume can be updated.
  update: async () => ({}),
  remove,
};

/** A volume of that name that already exists is taken over as it is: to the engine, that is no error. */
async function create(engine: Engine, inputs: Properties): Promise<Created> {
  const request = {
    Name: text(inputs, "name"),
    Driver: text(inputs, "driver"),
    DriverOpts: mapping(inputs, "driverOpts"),
    Labels: fromLabels(records(inputs, "labels")),
  };
  return await saying("Unable to create volume", async () => {
    const made = await askFor(engine, { method: "POST", path: "/volumes/create", json: request });
    return { id: text(made, "Name"), state: { ...inputs, ...stateOf(made) } };
  });
}

async function read(engine: Engine, id: string, state: Properties): Promise<Created | undefined> {
  const found = await find(engine, `/volumes/${id}`);
  if (!found) return undefined;
  return { id: text(found, "Name"), state: { ...state, ...stateOf(found) } };
}

async function remove(engine: Engine, id: string): Promise<void> {
  const path = `/volumes/${id}`;
  await removeWhenFree(engine, {
    path,
    query: { force: true },
    refusal: "volume is in use",
    state: "in_use",
  });
}

function stateOf(found: Properties): Properties {
  return {
    name: text(found, "Name"),
    driver: text(found, "Driver"),
    driverOpts: mapping(found, "Options"),
    labels: toLabels(mapping(found, "Labels")),
    mountpoint: text(found, "Mountpoint"),
  };
}
