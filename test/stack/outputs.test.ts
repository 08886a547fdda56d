import { expect, it } from "vitest";
import { stackOutputs } from "../../actions/stack-outputs.ts";
import { type ClusterSpecInput, parseSpec, planCluster } from "../../cluster/index.ts";
import {
  memberOutputs,
  proxyOutputs,
  synchronousStandbysOf,
  voterOutputs,
} from "../../components/cluster-outputs.ts";

const host = "tcp://10.1.0.10:2375";

/** What actions are told of where everything is, as they read it. */
function told(change: Partial<ClusterSpecInput> = {}) {
  const plan = planCluster(parseSpec({ name: "orders", network: { subnet: "10.90.7.0/24" }, ...change }));
  const placed = { plan, platform: { engineOf: () => host } };
  return stackOutputs
    .pick({ members: true, voters: true, proxies: true, synchronousStandbys: true, recovery: true })
    .parse({
      members: memberOutputs(placed),
      voters: voterOutputs(placed),
      proxies: proxyOutputs(placed),
      synchronousStandbys: synchronousStandbysOf(plan),
      recovery: plan.recovery,
    });
}

it("the outputs say where actions find each part, and what was declared", () => {
  const { members, voters, proxies, synchronousStandbys, recovery } = told();
  expect(members[0]).toEqual({
    name: "orders-1",
    address: "10.90.7.11",
    postgresPort: 5432,
    restUrl: "https://10.90.7.11:8008",
    engine: host,
    zone: "local",
    synchronous: true,
  });
  expect(voters.map(({ name, url }) => [name, url])).toEqual([
    ["orders-etcd-1", "https://10.90.7.31:2379"],
    ["orders-etcd-2", "https://10.90.7.32:2379"],
    ["orders-etcd-3", "https://10.90.7.33:2379"],
  ]);
  expect(proxies).toEqual([
    { name: "orders-proxy-1", address: "10.90.7.21", engine: host },
    { name: "orders-proxy-2", address: "10.90.7.22", engine: host },
  ]);
  expect(synchronousStandbys).toBe(1);
  expect(recovery).toEqual({ objective: "normal" });
});

it("a cluster of one, and one without synchronous commit, ask for no synchronous standby", () => {
  expect(told({ members: 1 }).synchronousStandbys).toBe(0);
  expect(told({ synchronous: { mode: "off" } }).synchronousStandbys).toBe(0);
});

it("the maintenance window and the volumes' size are told as actions read them", () => {
  const declared = { maintenance: { day: "sunday", start: "02:30" }, resources: { volume: "10GB" } } as const;
  const { maintenance, volumeMib } = planCluster(parseSpec({ name: "orders", ...declared }));
  const read = stackOutputs.pick({ maintenance: true, volumeMib: true }).parse({ maintenance, volumeMib });
  expect(read).toEqual({
    maintenance: { day: "sunday", start: "02:30", minutes: 60, timeZone: "UTC" },
    volumeMib: 10_240,
  });
});
