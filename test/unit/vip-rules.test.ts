import { describe, expect, it } from "vitest";
import { parseSpec } from "../../cluster/index.ts";
import { refusalOf } from "./specifications.ts";

const network = { subnet: "10.90.7.0/24" };

describe("endpoint.vip", () => {
  it("is the tenth address of the subnet unless another is asked for", () => {
    expect(parseSpec({ name: "orders", network }).endpoint.vip).toBe("10.90.7.10");
    expect(parseSpec({ name: "orders", network, endpoint: { vip: "10.90.7.100" } }).endpoint.vip).toBe(
      "10.90.7.100",
    );
  });

  it.each([
    ["10.90.8.10", "is not in network.subnet, which is 10.90.7.0/24."],
    ["10.90.7.21", "is kept for the proxies."],
    ["10.90.7.256", "must be an IPv4 address in network.subnet."],
    ["10.90.7", "must be an IPv4 address in network.subnet."],
    ["ten", "must be an IPv4 address in network.subnet."],
  ])("%s is refused: it %s", (vip, message) => {
    const [first, second] = refusalOf({ name: "orders", network, endpoint: { vip } }).split("\n");
    expect(first).toBe(`error  spilo:cluster.endpoint.vip: "${vip}"`);
    expect(second?.trim()).toBe(message);
  });
});

describe("endpoint.ports.pooled", () => {
  it("is one of its own where there is a pool", () => {
    const ports = { readWrite: 6432 };
    expect(refusalOf({ name: "orders", endpoint: { pooled: true, ports } })).toContain(
      "error  spilo:cluster.endpoint.ports.pooled: 6432\n" +
        "       is the port of endpoint.ports.readWrite, at which no pooler stands between.\n" +
        "       Choose another port for one of them, such as 6433.",
    );
    expect(parseSpec({ name: "orders", endpoint: { ports } }).endpoint.ports.readWrite).toBe(6432);
  });

  it("is of no use without one, and is kept all the same", () => {
    expect(parseSpec({ name: "orders" }).endpoint).toMatchObject({ pooled: false, ports: { pooled: 6432 } });
  });
});
