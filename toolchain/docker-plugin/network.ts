/** `docker.Network`. Everything about a network is decided when it is made. */
import { askFor, type Engine, find } from "./engine.ts";
import { saying } from "./failures.ts";
import type { Created, Kind } from "./kind.ts";
import { fromLabels, toLabels } from "./labels.ts";
import { removeWhenFree } from "./removal.ts";
import { computedReplaces, labelFields, output, replaces, type Schema } from "./schema.ts";
import { flag, mapping, type Properties, record, records, text, withoutZeros } from "./values.ts";

const ipamFields: Schema = {
  subnet: replaces("text"),
  gateway: replaces("text"),
  ipRange: replaces("text"),
  auxAddress: replaces("mapping"),
};

const schema: Schema = {
  name: replaces("text"),
  driver: computedReplaces("text"),
  internal: computedReplaces("flag"),
  attachable: replaces("flag"),
  ingress: replaces("flag"),
  ipv6: replaces("flag"),
  ipamDriver: replaces("text", { default: "default" }),
  ipamOptions: replaces("mapping"),
  ipamConfigs: computedReplaces("recordSet", { fields: ipamFields }),
  options: computedReplaces("mapping"),
  labels: replaces("recordSet", { fields: labelFields }),
  scope: output("text"),
};

export const network: Kind = {
  token: "docker:index/network:Network",
  schema,
  autoNamed: true,
  deletesBeforeReplace: "named",
  create,
  read,
  // Nothing of a network can be updated.
  update: async () => ({}),
  remove,
};

async function create(engine: Engine, inputs: Properties): Promise<Created> {
  return await saying("Unable to create network", async () => {
    const created = await askFor(engine, { method: "POST", path: "/networks/create", json: request(inputs) });
    const id = text(created, "Id");
    const made = await askFor(engine, { method: "GET", path: `/networks/${id}` });
    return { id, state: { ...inputs, ...stateOf(made) } };
  });
}

async function read(engine: Engine, id: string, state: Properties): Promise<Created | undefined> {
  const found = await find(engine, `/networks/${id}`);
  if (!found) return undefined;
  return { id: text(found, "Id"), state: { ...state, ...stateOf(found) } };
}

async function remove(engine: Engine, id: string): Promise<void> {
  const refusal = "has active endpoints";
  await removeWhenFree(engine, { path: `/networks/${id}`, refusal, state: "pending" });
}

function request(inputs: Properties): Properties {
  return {
    Name: text(inputs, "name"),
    // Two networks of one name would make every later look-up by name ambiguous.
    CheckDuplicate: true,
    Driver: text(inputs, "driver") || "bridge",
    Internal: flag(inputs, "internal"),
    Attachable: flag(inputs, "attachable"),
    Ingress: flag(inputs, "ingress"),
    EnableIPv6: flag(inputs, "ipv6"),
    Options: mapping(inputs, "options"),
    Labels: fromLabels(records(inputs, "labels")),
    IPAM: {
      Driver: text(inputs, "ipamDriver"),
      Options: mapping(inputs, "ipamOptions"),
      Config: records(inputs, "ipamConfigs").map((config) =>
        withoutZeros({
          Subnet: text(config, "subnet"),
          Gateway: text(config, "gateway"),
          IPRange: text(config, "ipRange"),
          AuxiliaryAddresses: mapping(config, "auxAddress"),
        }),
      ),
    },
  };
}

function stateOf(found: Properties): Properties {
  const ipam = record(found, "IPAM");
  return {
    name: text(found, "Name"),
    driver: text(found, "Driver"),
    internal: flag(found, "Internal"),
    attachable: flag(found, "Attachable"),
    ingress: flag(found, "Ingress"),
    ipv6: flag(found, "EnableIPv6"),
    ipamDriver: text(ipam, "Driver"),
    ipamOptions: mapping(ipam, "Options"),
    ipamConfigs: records(ipam, "Config").map(configOf),
    options: mapping(found, "Options"),
    labels: toLabels(mapping(found, "Labels")),
    scope: text(found, "Scope"),
  };
}

function configOf(config: Properties): Properties {
  return withoutZeros({
    subnet: text(config, "Subnet"),
    gateway: text(config, "Gateway"),
    ipRange: text(config, "IPRange"),
    auxAddress: mapping(config, "AuxiliaryAddresses"),
  });
}
