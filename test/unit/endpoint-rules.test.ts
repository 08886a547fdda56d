import { describe, expect, it } from "vitest";
import { memberAddress, mostMembers, s3Address, voterAddress } from "../../cluster/placement/addresses.ts";
import { checkEndpointAddress } from "../../cluster/rules/endpoint-rules.ts";

const subnet = "10.90.7.0/24";

describe("checkEndpointAddress", () => {
  it.each(["10.90.7.10", "10.90.7.2", "10.90.7.100", "10.90.7.127"])("takes %s", (address) => {
    expect(checkEndpointAddress(address, subnet)).toEqual([]);
  });

  it.each([
    ["10.90.8.10", "is not in network.subnet, which is 10.90.7.0/24"],
    ["10.90.7.0", "is the network itself"],
    ["10.90.7.1", "is the host's own address in the network"],
    ["10.90.7.11", "is kept for the members"],
    ["10.90.7.21", "is kept for the proxies"],
    ["10.90.7.33", "is kept for the voters"],
    ["10.90.7.41", "is kept for the S3 server"],
    ["10.90.7.128", "is in the part that the engine gives away"],
  ])("refuses %s, which %s", (address, message) => {
    expect(checkEndpointAddress(address, subnet)).toEqual([
      {
        path: "endpoint.vip",
        value: address,
        message,
        remedy: "Set it to 10.90.7.10, or remove it: then it is that.",
      },
    ]);
  });

  it("refuses every address that a part may ever have", () => {
    const upTo = (count: number) => Array.from({ length: count }, (_, offset) => offset + 1);
    const taken = [
      ...upTo(mostMembers).map((index) => memberAddress(subnet, index)),
      ...upTo(7).map((index) => voterAddress(subnet, index)),
      s3Address(subnet),
    ];
    expect(taken.filter((address) => checkEndpointAddress(address, subnet).length === 0)).toEqual([]);
  });
});
