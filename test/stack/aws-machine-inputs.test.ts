import { describe, expect, it } from "vitest";
import {
  attachmentInputs,
  interfaceInputs,
  machineInputs,
  volumeInputs,
} from "../../components/aws/machine-inputs.ts";
import { onAws } from "../unit/aws-specifications.ts";
import { types } from "./aws-references.ts";
import { ofType, type Recorded, record } from "./recorder.ts";

const instance = types.instance;

/** What is listed for each type, and what the provider replaces it for by itself. */
const listed = [
  {
    type: types.instance,
    inputs: machineInputs,
    replacing: ["ami", "keyName", "primaryNetworkInterface"],
  },
  { type: types.volume, inputs: volumeInputs, replacing: ["availabilityZone", "encrypted"] },
  { type: types.interface, inputs: interfaceInputs, replacing: ["subnetId"] },
  {
    type: types.attachment,
    inputs: attachmentInputs,
    replacing: ["deviceName", "instanceId", "volumeId"],
  },
];

describe.each(listed)("the list of inputs of $type", async ({ type, inputs: list, replacing }) => {
  const { resources } = await record(
    onAws("abc", { resources: { memory: "3GB", cpus: 1.5, volume: "10GB" } }),
  );
  const made = resources.filter((one) => one.type === type);

  it("has each of those that are registered, and no other", () => {
    expect(made).toHaveLength(6);
    for (const [, inputs] of ofType(resources, type)) {
      expect(Object.keys(inputs).sort()).toEqual(Object.keys(list).sort());
    }
  });

  it("says replace of what the provider replaces for, or is told to, and of nothing else", () => {
    for (const { inputs, replaceOnChanges } of made) {
      const told = inputs["userDataReplaceOnChange"] === true ? ["userData"] : [];
      const replaced = [...replacing, ...told, ...replaceOnChanges].sort();
      const said = Object.entries(list).filter(([, input]) => input.class === "replace");
      expect(said.map(([name]) => name).sort()).toEqual(replaced);
    }
  });

  it("has a reason for each", () => {
    for (const [name, { why }] of Object.entries(list)) expect(why, name).toMatch(/[^.]$/);
  });
});

it("whatever changes of a cluster, no volume and no address that is there is replaced for it", async () => {
  const protectedOnes = { deletionProtection: true, finalBackup: true };
  const { resources: before } = await record(onAws("abc", { ...protectedOnes, members: 3 }));
  const { resources: after } = await record(
    onAws("abc", {
      ...{ members: 5, deletionProtection: false, finalBackup: false, image: "example.org/spilo:2" },
      resources: { memory: "6GB", volume: "200GB" },
      postgresql: { parameters: { shared_buffers: "1GB" } },
      aws: {
        ...{ region: "eu-central-1", ami: "ami-0a1b2c3d4f", keyPair: "others" },
        ...{ instanceType: "m7i.xlarge", clients: ["10.0.0.0/8"] },
      },
    }),
  );
  const kept = { [types.volume]: ["size"], [types.interface]: [], [types.attachment]: [] };
  for (const [type, may] of Object.entries(kept)) {
    for (const [name, inputs] of ofType(before, type)) {
      const now = ofType(after, type).get(name) ?? {};
      const changed = Object.keys(inputs).filter((key) => !isSame(inputs[key], now[key]));
      expect([name, ...changed]).toEqual([name, ...(name.includes("-etcd-") ? [] : may)]);
    }
  }
  expect(machinesIn(after)).toHaveLength(8);
});

function isSame(left: unknown, right: unknown): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}

function machinesIn(resources: readonly Recorded[]) {
  return resources.filter(({ type }) => type === instance);
}

describe("machines", () => {
  it("are made and replaced one after the other, members after voters, each after its turn", async () => {
    const { resources } = await record(onAws("abc"));
    const waitsFor = (name: string) =>
      resources.find((one) => one.type === instance && one.name === name)?.after;
    expect(waitsFor("orders-etcd-1-a")).toContain("orders-etcd-1-a-turn");
    expect(waitsFor("orders-etcd-2-b")).toEqual(
      expect.arrayContaining(["orders-etcd-1-a-joined", "orders-etcd-2-b-turn"]),
    );
    expect(waitsFor("orders-2-b")).toEqual(expect.arrayContaining(["orders-1-a-joined", "orders-2-b-turn"]));
    expect(waitsFor("orders-1-a")).toContain("orders-settings");
    // What a machine reads when it starts.
    const read = [
      "orders-bucket",
      "orders-s3",
      "orders-1-a-files",
      "orders-1-a-environment",
      "orders-a-inner",
    ];
    expect(waitsFor("orders-1-a")).toEqual(expect.arrayContaining(read));
  });
});
