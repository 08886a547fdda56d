import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  memberAddress,
  memberNetworks,
  mostMembers,
  placeIn,
  replicaAddress,
  subnetOf,
} from "../../cluster/placement/addresses.ts";
import { replicaPlaces } from "../../cluster/placement/replica-places.ts";
import { clusterName } from "./specifications.ts";

describe("memberNetworks", () => {
  it("hold every address that a member or a read replica may ever have, and no other", () => {
    const subnet = "10.90.7.0/24";
    const within = memberNetworks(subnet).flatMap((network) => {
      const [address = "", bits = ""] = network.split("/");
      const first = placeIn(subnet, address) ?? -1;
      return Array.from({ length: 2 ** (32 - Number(bits)) }, (_, offset) => `10.90.7.${first + offset}`);
    });
    const members = Array.from({ length: mostMembers }, (_, offset) => memberAddress(subnet, offset + 1));
    const replicas = Array.from({ length: replicaPlaces }, (_, offset) => replicaAddress(subnet, offset + 1));
    expect(within).toEqual([...members, ...replicas]);
  });
});

describe("subnetOf", () => {
  it.each([
    ["dev", "10.87.188.0/24"],
    ["orders", "10.86.236.0/24"],
    ["a", "10.105.44.0/24"],
  ])("gives %s the network that it has always had", (name, subnet) => {
    expect(subnetOf(name)).toBe(subnet);
  });

  it("stays within 10.64.0.0/10", () => {
    fc.assert(
      fc.property(clusterName(), (name) => {
        const [first, second = -1, third = -1, rest] = subnetOf(name)
          .split(".")
          .map((part) => Number.parseInt(part, 10));
        expect([first, rest]).toEqual([10, 0]);
        expect(second).toBeGreaterThanOrEqual(64);
        expect(second).toBeLessThanOrEqual(127);
        expect(third).toBeGreaterThanOrEqual(0);
        expect(third).toBeLessThanOrEqual(255);
      }),
    );
  });

  it("spreads names, so that two clusters on one engine rarely meet", () => {
    const subnets = new Set(Array.from({ length: 1000 }, (_, index) => subnetOf(`cluster-${index}`)));
    expect(subnets.size).toBeGreaterThan(950);
  });
});
