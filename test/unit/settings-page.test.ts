import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parseSpec } from "../../cluster/index.ts";
import { settingsPage, settingsRows } from "../../toolchain/catalogue/settings-page.ts";
import { onAws } from "./aws-specifications.ts";

describe("the page of settings", () => {
  it("is the one that is committed; if not: node --import tsx toolchain/catalogue/main.ts page", () => {
    const committed = readFileSync(new URL("../../docs/settings.md", import.meta.url), "utf8");
    expect(settingsPage()).toBe(committed);
  });

  it("tells of every key what it takes, its default and its meaning", () => {
    for (const { key, takes, standard, meaning } of settingsRows()) {
      expect(
        [takes, standard, meaning].filter((text) => text === ""),
        key,
      ).toEqual([]);
    }
  });

  it("has every key that a complete specification has", () => {
    const ca = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
    const second = { endpoint: "https://far.example", ca };
    const backup = { endpoint: "https://s3.example", ca, second };
    const resources = { cpus: 1, volume: "10GB" };
    const zones = [
      { address: "10.1.0.10", host: "tcp://10.1.0.10:2376", certificates: "/etc/docker/client" },
    ];
    const placement = { zones, primaryZone: "local" };
    const restoreFrom = { cluster: "orders", incarnation: "1a2b3c4d", lsn: "0/1" };
    const replicas = [
      { name: "reports" },
      { name: "late", memory: "1GB", applyDelay: "1h", upstream: "reports", zone: "local" },
    ];
    const others = { replicas, resources, maintenance: { day: "sunday" }, placement };
    const postgresql = { parameters: { wal_level: "logical" } };
    const slots = { postgresql, logicalSlots: [{ name: "cdc", database: "orders" }] };
    const unguarded = { deletionProtection: false, finalBackup: false };
    const lease = { ttl: "2d", owner: "team-orders", ...unguarded };
    const complete = parseSpec({ name: "dev", backup, restoreFrom, ...slots, ...others, ...lease });
    // It goes with no restoreFrom.
    const standbyOf = { cluster: "orders", host: "10.1.0.10:5000", incarnation: "1a2b3c4d" };
    const following = parseSpec({ name: "dev", backup, standbyOf });
    const followed = leavesOf(following.standbyOf, "standbyOf");
    const network = {
      vpc: "vpc-0a1b2c3d",
      subnets: [{ id: "subnet-0a1b2c3d", cidr: "10.1.1.0/24" }],
      ...{ clients: ["10.0.0.0/8"], operators: ["10.9.0.0/24"] },
    };
    const dns = { zoneId: "Z0123456789ABCDEFGHIJ", name: "orders.example.org" };
    const replica = { region: "eu-west-1", bucket: "orders-wal-2" };
    const types = { instanceType: "m7g.large", voterType: "t4g.small", ssmAgent: true };
    const ways = [
      { reach: "bastion" as const, bastion: { host: "bastion.example.org" } },
      { reach: "ssm" as const, ssm: { instance: "i-0a1b2c3d" } },
    ];
    const reading = [{ name: "reports", instanceType: "r7g.large" }];
    const cloud = ways.flatMap((way) => {
      const aws = { ...network, dns, replica, ...types, ...way };
      const onIt = parseSpec(onAws("a", { aws, replicas: reading }));
      return [...leavesOf(onIt.aws, "aws"), ...leavesOf(onIt.replicas, "replicas")];
    });
    // Each ends a restore, so only one of them is written.
    const alternatives = ["restoreFrom.latest", "restoreFrom.time"];
    const lists = ["placement.zones", "logicalSlots", "replicas", "aws.subnets"];
    const keys = new Set([...leavesOf(complete, ""), ...followed, ...cloud, ...lists, ...alternatives]);
    expect(settingsRows().map(({ key }) => key)).toEqual([...keys].sort());
  });
});

function leavesOf(value: unknown, key: string): readonly string[] {
  // A list of words is a leaf.
  if (Array.isArray(value) && value.every((element) => typeof element === "string")) return [key];
  if (Array.isArray(value)) return [...new Set(value.flatMap((element) => leavesOf(element, `${key}[*]`)))];
  if (typeof value !== "object" || value === null || key === "postgresql.parameters") return [key];
  return Object.entries(value).flatMap(([name, inner]) =>
    leavesOf(inner, key === "" ? name : `${key}.${name}`),
  );
}
