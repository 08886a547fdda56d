import { describe, expect, it } from "vitest";
import { planCluster } from "../../cluster/index.ts";
import { firstClash, portClaims } from "../../cluster/placement/port-claims.ts";
import { specification } from "./specifications.ts";
import { overZones } from "./zone-specifications.ts";

/** What a cluster claims on the hosts of zones a, b and the witness w. */
function claimsOf(name: string, written: object = {}) {
  const spec = specification({ name, ...overZones("abw", { w: { witness: true } }), ...written });
  return portClaims(planCluster(spec), spec.network.firstPort);
}

const other = { network: { firstPort: 25_000 }, endpoint: { ports: { readWrite: 5100, readOnly: 5101 } } };

describe("the ports of a host", () => {
  it("are a block for the parts everywhere, and those of the endpoint where there is a proxy", () => {
    const claims = claimsOf("orders", { network: { firstPort: 21_000 }, endpoint: { pooled: true } });
    expect(claims.filter(({ address }) => address === "10.1.0.1").map(({ from, to }) => [from, to])).toEqual([
      [21_000, 21_099],
      [5000, 5000],
      [5001, 5001],
      [6432, 6432],
    ]);
    expect(claims.filter(({ address }) => address === "10.1.0.23")).toHaveLength(1);
  });

  it("are none of a cluster with a network of its own", () => {
    const spec = specification();
    expect(portClaims(planCluster(spec), spec.network.firstPort)).toEqual([]);
  });

  it("do for two clusters when all of them differ", () => {
    expect(firstClash(claimsOf("orders"), claimsOf("stock", other))).toBeUndefined();
    expect(firstClash(claimsOf("orders"), claimsOf("orders"))).toBeUndefined();
  });

  it.each([
    ["the endpoint's", { ...other, endpoint: {} }, "endpoint.ports.readWrite"],
    ["half a block", { ...other, network: { firstPort: 21_050 } }, "network.firstPort"],
    [
      "one in the other's block",
      { ...other, endpoint: { ports: { readWrite: 21_007, readOnly: 5101 } } },
      "endpoint.ports.readWrite",
    ],
  ])("meet where both want %s", (_what, written, setting) => {
    const held = claimsOf("orders", { network: { firstPort: 21_000 } });
    expect(firstClash(held, claimsOf("stock", written))?.wanted.setting).toBe(setting);
  });
});
