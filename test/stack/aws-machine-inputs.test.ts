import { describe, expect, it } from "vitest";
import { machineInputs } from "../../components/aws/machine-inputs.ts";
import { onAws } from "../unit/aws-specifications.ts";
import { ofType, record } from "./recorder.ts";

const instance = "aws:ec2/instance:Instance";

/** What the provider replaces an instance for by itself, of all that a machine has. */
const replacedByProvider = ["ami", "keyName", "primaryNetworkInterface"];

describe("the list of a machine's inputs", async () => {
  const { resources } = await record(
    onAws("abc", { resources: { memory: "3GB", cpus: 1.5, volume: "10GB" } }),
  );
  const machines = resources.filter(({ type }) => type === instance);

  it("has each of those that are registered, and no other", () => {
    expect(machines).toHaveLength(6);
    for (const [, inputs] of ofType(resources, instance)) {
      expect(Object.keys(inputs).sort()).toEqual(Object.keys(machineInputs).sort());
    }
  });

  it("says replace of what the provider replaces for, or is told to, and of nothing else", () => {
    for (const { inputs, replaceOnChanges } of machines) {
      const told = inputs["userDataReplaceOnChange"] === true ? ["userData"] : [];
      const replaced = [...replacedByProvider, ...told, ...replaceOnChanges].sort();
      const said = Object.entries(machineInputs).filter(([, input]) => input.class === "replace");
      expect(said.map(([name]) => name).sort()).toEqual(replaced);
    }
  });

  it("has a reason for each", () => {
    for (const [name, { why }] of Object.entries(machineInputs)) expect(why, name).toMatch(/[^.]$/);
  });
});

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
