import { describe, expect, it } from "vitest";
import { onAws } from "../unit/aws-specifications.ts";
import { types } from "./aws-references.ts";
import { differing, record } from "./recorder.ts";

describe("a change of a cluster on AWS", () => {
  const changes = async (one: object, other: object) => {
    return differing(
      (await record(onAws("abc", one))).resources,
      (await record(onAws("abc", other))).resources,
    );
  };

  it("of a parameter replaces nothing", async () => {
    const changed = await changes({}, { postgresql: { parameters: { work_mem: "8MB" } } });
    expect(changed).toEqual(["spilo:index:DynamicSettings orders-settings"]);
  });

  it("of the number of members touches no machine that is there, and no security group", async () => {
    const changed = await changes({ members: 3 }, { members: 5 });
    const ofAws = changed.filter((one) => one.startsWith("aws:"));
    for (const one of ofAws) expect(one).toMatch(/orders-[45]-/);
    expect(ofAws.filter((one) => one.startsWith(types.instance))).toEqual([
      `${types.instance} orders-4-a`,
      `${types.instance} orders-5-b`,
    ]);
  });

  it("by one more read replica touches no machine that is there", async () => {
    const reports = { name: "reports" };
    const changed = await changes(
      { replicas: [reports] },
      { replicas: [reports, { name: "copy", zone: "b" }] },
    );
    const ofAws = changed.filter((one) => one.startsWith("aws:") && !one.includes("orders-replica-copy-b"));
    // They know each other, and are known, by address: rules are changed in place.
    const groups = ["load-balancer", "members", "replicas"];
    expect(ofAws).toEqual(groups.map((name) => `${types.group} orders-${name}`));
    expect(changed.filter((one) => one.startsWith(types.instance))).toEqual([
      `${types.instance} orders-replica-copy-b`,
    ]);
  });

  it("by the first read replica touches no machine that is there either, and gets its port", async () => {
    const changed = await changes({}, { replicas: [{ name: "reports" }] });
    expect(changed.filter((one) => one.startsWith(types.instance))).toEqual([
      `${types.instance} orders-replica-reports-a`,
    ]);
    expect(changed).toContain(`${types.listener} orders-replicas`);
  });

  it("by a pool is of the members' machines and of the endpoint", async () => {
    const changed = await changes({}, { endpoint: { pooled: true } });
    expect(changed.filter((one) => one.startsWith(types.instance))).toEqual(
      ["1-a", "2-b", "3-c"].map((part) => `${types.instance} orders-${part}`),
    );
    expect(changed).toContain(`${types.listener} orders-pooled`);
    expect(changed.filter((one) => one.includes("-etcd-"))).toEqual([]);
  });

  it("of a volume's size grows volumes, and touches no machine", async () => {
    const changed = await changes({ resources: { volume: "100GB" } }, { resources: { volume: "200GB" } });
    expect(changed.filter((one) => one.startsWith("aws:"))).toEqual(
      ["1-a", "2-b", "3-c"].map((part) => `${types.volume} orders-${part}-data`),
    );
  });

  it("of a zone that is given up moves what belongs there, and touches no machine elsewhere", async () => {
    const over = (available: boolean) => ({
      placement: {
        ...{ mode: "cross-zone" as const, fallbackToSameZone: true },
        zones: [{ name: "a" }, { name: "b" }, { name: "c", available }],
      },
    });
    const changed = await changes(over(true), over(false));
    const ofAws = changed.filter((one) => one.startsWith("aws:"));
    // The other voters' list of voters is another one, which counts at their first start alone.
    const told = new RegExp(`^${types.version} orders-etcd-[12]-[ab]-files$`);
    const others = ofAws.filter((one) => !told.test(one));
    for (const one of others) expect(one).toMatch(/orders-(3|etcd-3)-[abc]/);
    expect(ofAws.filter((one) => one.startsWith(types.instance))).toEqual(
      ["3-b", "3-c", "etcd-3-a", "etcd-3-c"].map((part) => `${types.instance} orders-${part}`),
    );
  });

  it("of a member's memory is of the members' machines alone", async () => {
    const changed = await changes({}, { resources: { memory: "4GB", volume: "100GB" } });
    expect(changed.filter((one) => one.startsWith(types.instance))).toEqual(
      ["1-a", "2-b", "3-c"].map((part) => `${types.instance} orders-${part}`),
    );
  });
});
