import { describe, expect, it } from "vitest";
import { describeReachOf, planReach, wayOf } from "../../cluster/aws/reach.ts";
import { parseSpec } from "../../cluster/index.ts";
import { engineBy, enginesBy, parseEngineAddress } from "../../cluster/placement/engine-address.ts";
import { parseWay, type Way, wayText } from "../../cluster/placement/way.ts";
import { onAws } from "./aws-specifications.ts";

const ways: readonly (readonly [string, Way])[] = [
  ["ssh://ops@bastion.example.org:2222", { by: "ssh", user: "ops", host: "bastion.example.org", port: 2222 }],
  ["ssh://ops@2001:db8::7:22", { by: "ssh", user: "ops", host: "2001:db8::7", port: 22 }],
  [
    "ssm://admin@eu-central-1/i-0a1b2c3d",
    { by: "ssm", user: "admin", region: "eu-central-1", instance: "i-0a1b2c3d" },
  ],
  [
    "ssm://admin@eu-central-1/orders/1a2b3c4d",
    { by: "ssm", user: "admin", region: "eu-central-1", cluster: "orders", incarnation: "1a2b3c4d" },
  ],
];

describe("a way", () => {
  it.each(ways)("is the text %s", (text, way) => {
    expect(wayText(way)).toBe(text);
    expect(parseWay(text)).toEqual(way);
  });

  it.each([
    ...["", "ssh://host:22", "ssh://a@b", "ssh://a@-oProxyCommand=x:22", "ssh://-a@b:22", "ssh://a@b c:22"],
    ...["ssm://a@eu-central-1", "ssm://a@eu-central-1/x/y", "ssm://a@eu-central-1/$(id)", "tcp://a@b:22"],
  ])("is not the text %j", (text) => {
    expect(parseWay(text)).toBeUndefined();
  });

  it.each([
    ["direct", {}, undefined],
    ["bastion", { bastion: { host: "b.example.org" } }, "ssh://admin@b.example.org:22"],
    ["bastion", { bastion: { host: "b", user: "ops", port: 2222 } }, "ssh://ops@b:2222"],
    ["ssm", {}, "ssm://admin@eu-central-1/orders/1a2b3c4d"],
    ["ssm", { ssm: { instance: "i-0a1b2c3d", user: "ec2-user" } }, "ssm://ec2-user@eu-central-1/i-0a1b2c3d"],
  ] as const)("is declared by reach: %s with %j", (reach, more, text) => {
    const planned = planReach(parseSpec(onAws("a", { aws: { reach, ...more } })));
    expect(wayOf({ reach: planned, region: "eu-central-1" }, "orders", "1a2b3c4d")).toBe(text);
  });

  it("is said in a preview when a cluster is new or reached by another one", () => {
    const spec = (aws: object) => parseSpec(onAws("a", { aws }));
    const bastion = spec({ reach: "bastion", bastion: { host: "b.example.org" } });
    expect(describeReachOf(undefined, bastion)).toBe(
      "as soon as a machine of orders runs, `pulumi up` and `spiloctl` have to reach it by the bastion admin@b.example.org:22 (aws.reach)",
    );
    expect(describeReachOf(bastion, bastion)).toBeUndefined();
    expect(describeReachOf(bastion, spec({}))).toContain("have to reach it directly");
    expect(describeReachOf(spec({}), spec({ reach: "ssm" }))).toContain(
      "by a session of Systems Manager in eu-central-1 to one of its own machines",
    );
    expect(describeReachOf(undefined, parseSpec({ name: "orders" }))).toBeUndefined();
  });

  it("is part of an engine's address when that is reached by ssh", () => {
    const way = "ssh://ops@bastion.example.org:22";
    const engine = engineBy(way, "ssh://admin@10.90.7.11");
    expect(parseEngineAddress(engine)).toEqual({ by: "ssh", host: "10.90.7.11", user: "admin", way });
    expect(engineBy(undefined, "ssh://admin@10.90.7.11")).toBe("ssh://admin@10.90.7.11");
    expect(enginesBy(way, [{ name: "dev-1", engine: "unix:///var/run/docker.sock" }])).toEqual([
      { name: "dev-1", engine: "unix:///var/run/docker.sock" },
    ]);
  });
});
