import { expect, it } from "vitest";
import { checkChange, parseSpec, planCluster } from "../../cluster/index.ts";
import { portClaims } from "../../cluster/placement/port-claims.ts";
import { onAws } from "./aws-specifications.ts";

const vpc = { vpc: "vpc-0a1b2c3d", clients: ["10.0.0.0/8"], operators: ["10.0.0.0/8"] };
const subnet = (id: string, cidr: string) => ({ id: `subnet-0a1b2c3${id}`, cidr });
const given = (...subnets: readonly ReturnType<typeof subnet>[]) => ({
  aws: { ...vpc, subnets: [...subnets] },
});
const [one, other] = [subnet("d", "10.1.1.0/24"), subnet("e", "10.1.2.0/24")];
const dns = { zoneId: "Z0ABCDEF", name: "orders.example.org" };

it.each([
  [
    "another region",
    onAws("abc"),
    onAws("abc", { aws: { region: "eu-west-1" } }),
    "aws.region",
    "must stay eu-central-1",
  ],
  ["a network of the user's", onAws("ab"), onAws("ab", given(one, other)), "aws.vpc", "must stay unset"],
  [
    "another name of the endpoint",
    onAws("abc"),
    onAws("abc", { aws: { dns } }),
    "aws.dns.name",
    "must stay db.orders.internal",
  ],
  [
    "zones in another order",
    onAws("abc"),
    onAws("acb"),
    "placement.zones[1]",
    "zone c must stay in 10.90.7.64/27",
  ],
  [
    "subnets in another order",
    onAws("ab", given(one, other)),
    onAws("ab", given(other, one)),
    "aws.subnets[0]",
    "zone a must stay in subnet-0a1b2c3d (10.1.1.0/24)",
  ],
  [
    "sessions to machines that have no agent",
    onAws("abc"),
    onAws("abc", { aws: { reach: "ssm" } }),
    "aws.reach",
    "cannot follow direct at once",
  ],
  ["Docker", onAws("abc"), { name: "orders" }, "platform", "must stay aws"],
])("a cluster on AWS may not come to have %s", (_title, before, after, path, message) => {
  const issues = checkChange(before, after);
  expect(issues.map((issue) => issue.path)).toContain(path);
  expect(issues.find((issue) => issue.path === path)?.message).toContain(message);
});

it.each([
  ["another image", { aws: { ami: "ami-0ffffffff" } }],
  ["larger machines", { aws: { instanceType: "m7g.xlarge" } }],
  ["a second region", { aws: { replica: { region: "eu-west-1", bucket: "orders-wal-2" } } }],
  ["other clients", { aws: { clients: ["10.5.0.0/16"] } }],
  ["larger volumes", { resources: { volume: "200GB" } }],
])("a cluster on AWS may come to have %s", (_title, change) => {
  expect(checkChange(onAws("abc"), onAws("abc", change))).toEqual([]);
});

it("a cluster on AWS may come to be reached by sessions when its machines have the agent", () => {
  const prepared = onAws("abc", { aws: { ssmAgent: true } });
  expect(checkChange(onAws("abc"), prepared)).toEqual([]);
  expect(checkChange(prepared, onAws("abc", { aws: { reach: "ssm" } }))).toEqual([]);
  const instance = { reach: "ssm", ssm: { instance: "i-0a1b2c3d" } } as const;
  expect(checkChange(onAws("abc"), onAws("abc", { aws: instance }))).toEqual([]);
});

it("a cluster on AWS may come to have another zone at the end", () => {
  expect(checkChange(onAws("abc"), onAws("abcd"))).toEqual([]);
});

it("two clusters on AWS do not meet at any port", () => {
  const spec = parseSpec(onAws("abc"));
  expect(portClaims(planCluster(spec), spec.network.firstPort)).toEqual([]);
});
