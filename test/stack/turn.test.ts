import { beforeAll, describe, expect, it } from "vitest";
import type { SpiloClusterArgs } from "../../components/index.ts";
import { differing, ofType, openTexts, planned, type Recorded, record, type World } from "./recorder.ts";

const turn = "spilo:index:Turn";
const container = "docker:index/container:Container";

function resourceOf(resources: readonly Recorded[], type: string, name: string): Recorded {
  const resource = resources.find((one) => one.type === type && one.name === name);
  if (resource === undefined) throw new Error(`there is no ${type} ${name}`);
  return resource;
}

async function madeOf(args: Partial<SpiloClusterArgs> = {}, world: World = {}): Promise<readonly unknown[]> {
  const { resources } = await record({ name: "orders", ...args }, world);
  const turns = ofType(resources, turn);
  return [1, 2, 3].map((index) => turns.get(`orders-${index}-turn`)?.["made"]);
}

describe("the turn of a member", () => {
  let before: readonly unknown[];

  beforeAll(async () => {
    before = await madeOf();
  });

  it("is of what its member is made from, each another", () => {
    for (const made of before) expect(made).toMatch(/^[0-9a-f]{64}$/);
    expect(new Set(before).size).toBe(3);
  });

  it("comes before its container, and after the member before has joined", async () => {
    const { resources } = await record({ name: "orders" });
    const turnOf = (index: number) => resourceOf(resources, turn, `orders-${index}-turn`);
    for (const index of [1, 2, 3]) {
      expect(resourceOf(resources, container, `orders-${index}`).after).toContain(`orders-${index}-turn`);
    }
    expect(turnOf(1).after).toContain("orders-settings");
    expect(turnOf(2).after).toContain("orders-1-joined");
    expect(turnOf(3).after).toContain("orders-2-joined");
  });

  it("knows where everybody is asked, and shows nothing else", async () => {
    const { resources } = await record({ name: "orders", network: { subnet: "10.90.7.0/24" } });
    const { inputs } = resourceOf(resources, turn, "orders-2-turn");
    expect(openTexts(inputs)).toEqual(["orders-2"]);
    const { cluster } =
      ofType([resourceOf(resources, turn, "orders-2-turn")], turn).get("orders-2-turn") ?? {};
    expect(cluster).toMatchObject({
      members: [11, 12, 13].map((host) => ({ restUrl: `https://10.90.7.${host}:8008` })),
    });
  });

  it("comes after those of all others when its member leads", async () => {
    const members = async () => ["orders-2", "orders-3", "orders-1"];
    const orders = { ...planned, members };
    const { resources } = await record({ name: "orders", orders });
    const turnOf = (index: number) => resourceOf(resources, turn, `orders-${index}-turn`);
    expect(turnOf(2).after).not.toContain("orders-1-joined");
    expect(turnOf(3).after).toContain("orders-2-joined");
    expect(turnOf(1).after).toContain("orders-3-joined");
    expect(differing((await record({ name: "orders" })).resources, resources)).toEqual([]);
  });

  it.each<[string, Partial<SpiloClusterArgs>, World]>([
    ["nothing", {}, {}],
    ["the certificates", {}, { renewed: () => true }],
    ["the number of members", { members: 5 }, {}],
    ["a parameter that goes by Patroni", { postgresql: { parameters: { max_connections: 250 } } }, {}],
    ["the recovery objective", { recovery: { objective: "wide" } }, {}],
    ["the endpoint's ports", { endpoint: { ports: { readWrite: 6000 } } }, {}],
  ])("is not come by a change of %s", async (_title, args, world) => {
    expect(await madeOf(args, world)).toEqual(before);
  });

  it.each<[string, Partial<SpiloClusterArgs>, World]>([
    ["the image", { image: "spilo:next" }, {}],
    ["what the image's name stands for", {}, { imageId: "sha256:another" }],
    ["the memory", { resources: { memory: "4GB" } }, {}],
    ["a parameter of the members' own", { postgresql: { parameters: { shared_buffers: "256MB" } } }, {}],
    ["a password", {}, { secret: "another" }],
  ])("has come for all of them by a change of %s", async (_title, args, world) => {
    const after = await madeOf(args, world);
    for (const [index, made] of before.entries()) expect(after[index]).not.toBe(made);
  });
});
