import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import {
  type ClusterPlan,
  parseSpec,
  planCluster,
  renderHaproxy,
  renderSpiloConfiguration,
} from "../../cluster/index.ts";
import { portClaims } from "../../cluster/placement/port-claims.ts";
import { clusterName, soundReplicas, specification } from "./specifications.ts";
import { crossZone, overZones, without } from "./zone-specifications.ts";

const secrets = { restUser: "spilo", restPassword: "a", rewindPassword: "b" };
const replicas = [
  { name: "reports", memory: "8GB", cpus: 4 },
  { name: "copy", upstream: "reports" },
  { name: "late", applyDelay: "1h", upstream: "dev-2" },
];

function configurationOf(plan: ClusterPlan, name: string) {
  const replica = plan.replicas.find((one) => one.replica === name);
  if (replica === undefined) throw new Error(`${name} is not planned`);
  return parse(renderSpiloConfiguration(plan, secrets, replica));
}

describe("read replicas in one zone", () => {
  const plan = planCluster(specification({ replicas, resources: { cpus: 1 } }));

  it("have sizes of their own, else those of the members", () => {
    const sizes = plan.replicas.map(({ name, memoryMib, cpus }) => ({ name, memoryMib, cpus }));
    expect(sizes).toEqual([
      { name: "dev-replica-reports", memoryMib: 8192, cpus: 4 },
      { name: "dev-replica-copy", memoryMib: 2048, cpus: 1 },
      { name: "dev-replica-late", memoryMib: 2048, cpus: 1 },
    ]);
    expect(configurationOf(plan, "reports").postgresql.parameters.shared_buffers).toBe("2GB");
    expect(configurationOf(plan, "copy").postgresql.parameters.shared_buffers).toBe("512MB");
  });

  it("say to Patroni that they never lead, whom they follow, and how late they are", () => {
    const never = { nofailover: true, nosync: true, read_replica: true };
    expect(configurationOf(plan, "reports").tags).toEqual(never);
    expect(configurationOf(plan, "copy").tags).toEqual({ ...never, replicatefrom: "dev-replica-reports" });
    const late = configurationOf(plan, "late");
    expect(late.tags).toEqual({ ...never, noloadbalance: true, replicatefrom: "dev-2" });
    expect(late.postgresql.recovery_conf.recovery_min_apply_delay).toBe("1h");
    expect(configurationOf(plan, "copy").postgresql.recovery_conf).not.toHaveProperty(
      "recovery_min_apply_delay",
    );
  });

  it("change nothing of what members are made of", () => {
    const alone = planCluster(specification({ resources: { cpus: 1 } }));
    expect(plan.members).toEqual(alone.members);
    expect(plan.settings).toEqual(alone.settings);
    expect(plan.voters).toEqual(alone.voters);
    const [one, other] = [plan, alone].map((any) => renderSpiloConfiguration(any, secrets));
    expect(one).toBe(other);
    expect(parse(one ?? "")).not.toHaveProperty("tags");
    expect(plan.survives).toEqual(alone.survives);
  });

  it("have a port of their own, at every address that one of them may have", () => {
    const [proxy] = plan.proxies;
    const haproxy = proxy === undefined ? "" : renderHaproxy(plan, proxy);
    expect(plan.endpoint.replicasPort).toBe(5002);
    expect(haproxy).toMatch(/frontend read_replicas\n {4}bind \*:5002\n/);
    const section = haproxy.slice(haproxy.indexOf("backend read_replicas\n"));
    expect(section.match(/^ {4}server .*$/gm)).toHaveLength(13);
    for (const { postgres, certificate } of plan.replicas) {
      const [, checked = ""] = new RegExp(` ${postgres.host}:5432 .*verifyhost (\\S+)`).exec(section) ?? [];
      expect(certificate.dnsNames).toContain(checked);
    }
    for (const { name } of plan.members) expect(section).not.toContain(`verifyhost ${name}\n`);
  });

  it("leave proxies as they are when one comes or goes, as long as there is one", () => {
    const fewer = planCluster(specification({ replicas: replicas.slice(0, 1) }));
    const rendered = (any: ClusterPlan) => any.proxies.map((proxy) => renderHaproxy(any, proxy));
    expect(rendered(fewer)).toEqual(rendered(plan));
    const none = planCluster(specification());
    expect(none.endpoint).not.toHaveProperty("replicasPort");
    expect(rendered(none).join("")).not.toContain("read_replicas");
  });

  it("add to the senders that a cluster needs, and nothing while there is room", () => {
    const many = Array.from({ length: 9 }, (_, index) => ({ name: `r${index}`, place: index + 1 }));
    const senders = (written: object) =>
      planCluster(specification(written)).settings.postgresql.parameters["max_wal_senders"];
    expect(senders({ replicas: many })).toBe(20);
    expect(senders({ replicas: many, members: 9, synchronous: { count: 1 } })).toBe(20);
  });
});

describe("read replicas over several zones", () => {
  const placed = crossZone(overZones("abc"), {
    replicas: [
      { name: "reports", zone: "b" },
      { name: "copy", zone: "c", upstream: "reports" },
      { name: "late", upstream: "dev-3", applyDelay: "5min" },
    ],
  });
  const plan = planCluster(placed);

  it("stand where they were put, on ports of their own", () => {
    expect(plan.replicas.map(({ name, zone, upstream }) => [name, zone, upstream])).toEqual([
      ["dev-replica-reports-b", "b", undefined],
      ["dev-replica-copy-c", "c", "dev-replica-reports-b"],
      ["dev-replica-late-a", "a", "dev-3-c"],
    ]);
    const first = placed.network.firstPort;
    const listening = (["postgres", "rest"] as const).flatMap((kind) =>
      [...plan.members, ...plan.replicas].map((server) => server[kind].port),
    );
    const pages = [...plan.members, ...plan.replicas].map(({ activityPort = 0 }) => activityPort);
    const ports = [...listening, ...pages];
    expect(new Set(ports).size).toBe(ports.length);
    expect(ports.filter((port) => port <= first || port >= first + 100)).toEqual([]);
  });

  it("count in no zone's members, and nobody takes their place when a zone cannot be had", () => {
    const alone = planCluster(crossZone(overZones("abc")));
    expect(plan.members).toEqual(alone.members);
    expect(plan.survives).toEqual(alone.survives);
    const lost = planCluster(crossZone(without("b", "abc"), { replicas: placed.replicas.map(writtenOf) }));
    expect(lost.replicas.map(({ name }) => name)).toEqual(["dev-replica-copy-c", "dev-replica-late-a"]);
    // It follows the leader until the other one is back, and is not replaced for that.
    expect(lost.replicas[0]).toEqual(plan.replicas[1]);
  });

  it("claim their port on every host, as long as there are any", () => {
    const settings = (any: ClusterPlan) =>
      portClaims(any, 20_000).filter(({ setting }) => setting === "endpoint.ports.replicas");
    expect(settings(plan)).toHaveLength(3);
    expect(settings(planCluster(crossZone(overZones("abc"))))).toEqual([]);
  });
});

describe("every list of read replicas", () => {
  it("gives each an address that is nobody else's, and none moves when another one goes", () => {
    fc.assert(
      fc.property(clusterName(), soundReplicas(), (name, list) => {
        const plan = planCluster(parseSpec({ name, replicas: list }));
        const { members, proxies, voters } = plan;
        const all = [...members, ...proxies, ...voters, ...plan.replicas].map(({ address }) => address);
        expect(new Set(all).size).toBe(all.length);
        for (const gone of list) {
          // Whoever follows it would be another one.
          if (list.some((one) => one["upstream"] === gone.name)) continue;
          const left = list.filter((one) => one !== gone);
          const now = planCluster(parseSpec({ name, replicas: left })).replicas;
          expect(plan.replicas.filter((one) => left.some((kept) => kept.name === one.replica))).toEqual(now);
        }
      }),
    );
  });
});

function writtenOf({
  name,
  zone,
  upstream,
  applyDelay,
  place,
}: ReturnType<typeof specification>["replicas"][number]) {
  const delay = applyDelay === undefined ? {} : { applyDelay };
  return { name, zone, place, ...(upstream === undefined ? {} : { upstream }), ...delay };
}
