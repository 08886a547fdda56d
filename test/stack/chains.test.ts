import { describe, expect, it, vi } from "vitest";
import type { Orders } from "../../components/orders.ts";
import { ofType, openTexts, planned, type Recorded, record } from "./recorder.ts";

const container = "docker:index/container:Container";
const subnet = "10.90.7.0/24";

/** The names of what a resource waits for. */
function waitsFor(resources: readonly Recorded[], name: string, type: string): readonly string[] {
  const found = resources.find((one) => one.type === type && one.name === name);
  if (found === undefined) throw new Error(`there is no ${type} ${name}`);
  return found.after;
}

describe("the voters", () => {
  it("are taken one at a time, each when the one before votes, with its turn before it", async () => {
    const { resources } = await record({ name: "orders" });
    for (const index of [1, 2, 3]) {
      const name = `orders-etcd-${index}`;
      expect(waitsFor(resources, name, container)).toContain(`${name}-turn`);
      const before = index === 1 ? [] : [`orders-etcd-${index - 1}-joined`];
      for (const [one, type] of [
        [name, container],
        [`${name}-turn`, "spilo:index:VoterTurn"],
      ] as const) {
        const joined = waitsFor(resources, one, type).filter((other) => other.endsWith("-joined"));
        expect(joined, one).toEqual(before);
      }
    }
    expect(waitsFor(resources, "orders-etcd-access", "spilo:index:EtcdAccess")).toEqual(
      expect.arrayContaining([1, 2, 3].map((index) => `orders-etcd-${index}-joined`)),
    );
  });

  it("know where all of them are, and show no secret", async () => {
    const { resources } = await record({ name: "orders", network: { subnet } });
    const joined = ofType(resources, "spilo:index:VoterJoined").get("orders-etcd-2-joined");
    expect(joined).toMatchObject({
      voter: "orders-etcd-2",
      voters: [1, 2, 3].map((index) => ({
        name: `orders-etcd-${index}`,
        engine: "unix:///var/run/docker.sock",
        url: `https://10.90.7.3${index}:2379`,
        peerUrl: `https://10.90.7.3${index}:2380`,
      })),
      container: "orders-etcd-2-id",
      files: { volume: "orders-etcd-2-identity-1a2b3c4d" },
      configuration: { file: "etcd.yml", content: expect.stringContaining("initial-cluster-state: new") },
    });
    const kinds = ["spilo:index:VoterTurn", "spilo:index:VoterJoined"];
    const open = resources
      .filter(({ type }) => kinds.includes(type))
      .flatMap(({ inputs }) => openTexts(inputs));
    expect(open.filter((text) => /password-of-|PRIVATE KEY|^[0-9a-f]{64}$/.test(text))).toEqual([]);
  });

  it("have come to their turn by another image, and by nothing that is of no concern to them", async () => {
    const turnsOf = async (args: object) => {
      const turns = ofType((await record({ name: "orders", ...args })).resources, "spilo:index:VoterTurn");
      return [...turns.values()].map(({ made }) => made);
    };
    const before = await turnsOf({});
    expect(new Set(before).size).toBe(3);
    expect(await turnsOf({ members: 5 })).toEqual(before);
    const renewed = await turnsOf({ images: { etcd: "etcd:next" } });
    for (const [index, made] of before.entries()) expect(renewed[index]).not.toBe(made);
  });
});

describe("the proxies", () => {
  it.each([
    ["the first", ["orders-proxy-2", "orders-proxy-1"]],
    ["the second", ["orders-proxy-1", "orders-proxy-2"]],
  ])("are taken one at a time, and when %s holds the address, it comes last", async (_title, order) => {
    const proxies = vi.fn<Orders["proxies"]>().mockResolvedValue(order);
    const orders = { ...planned, proxies };
    const { resources } = await record({ name: "orders", network: { subnet }, orders });
    const [first = "", last = ""] = order;
    expect(waitsFor(resources, last, container)).toContain(`${first}-serving`);
    expect(waitsFor(resources, first, container)).not.toContain(`${last}-serving`);
    expect(proxies).toHaveBeenCalledExactlyOnceWith({
      proxies: [
        { name: "orders-proxy-1", engine: "unix:///var/run/docker.sock" },
        { name: "orders-proxy-2", engine: "unix:///var/run/docker.sock" },
      ],
      virtualAddress: "10.90.7.10",
    });
  });

  it("are taken when every member has joined", async () => {
    const { resources } = await record({ name: "orders" });
    for (const proxy of ["orders-proxy-1", "orders-proxy-2"]) {
      expect(waitsFor(resources, proxy, container)).toEqual(
        expect.arrayContaining(["orders-1-joined", "orders-2-joined", "orders-3-joined"]),
      );
    }
  });
});
