import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import {
  type ClusterPlan,
  type EnvVariable,
  parseSpec,
  planCluster,
  renderArchiveEnv,
  renderEtcd,
  renderHaproxy,
  renderKeepalived,
  renderMemberEnv,
  renderPgbouncer,
  renderSpiloConfiguration,
  secretMemberEnv,
} from "../../cluster/index.ts";
import { soundSpecification, specification } from "./specifications.ts";

const incarnation = "ab12cd34";
const secrets = { restUser: "spilo", restPassword: 'not "secret"\n: #{here}' };
const plan = planCluster(specification());

describe("rendered files", () => {
  it("have a golden copy: spilo.yml", async () => {
    await expect(renderSpiloConfiguration(plan, secrets)).toMatchFileSnapshot("golden/spilo.yml");
  });

  it("have a golden copy: haproxy.cfg", async () => {
    await expect(haproxyOf(plan)).toMatchFileSnapshot("golden/haproxy.cfg");
  });

  it("have a golden copy: keepalived.conf", async () => {
    await expect(renderKeepalived(plan, first(plan.proxies), "of-thirty-two-characters")).toMatchFileSnapshot(
      "golden/keepalived.conf",
    );
  });

  it("have a golden copy: pgbouncer.ini", async () => {
    await expect(renderPgbouncer(plan, 6432)).toMatchFileSnapshot("golden/pgbouncer.ini");
  });

  it("have a golden copy: etcd.yml", async () => {
    await expect(etcdOf(plan)).toMatchFileSnapshot("golden/etcd.yml");
  });

  it("have a golden copy: archive.env", async () => {
    await expect(file(renderArchiveEnv(plan, incarnation))).toMatchFileSnapshot("golden/archive.env");
  });

  it("have a golden copy: member.env", async () => {
    await expect(file(memberEnvOf(plan))).toMatchFileSnapshot("golden/member.env");
  });
});

describe("SPILO_CONFIGURATION", () => {
  it("keeps every text as it is, whatever is in it", () => {
    expect(parse(renderSpiloConfiguration(plan, secrets)).restapi.authentication).toEqual({
      username: secrets.restUser,
      password: secrets.restPassword,
    });
  });

  it("carries the parameters that only a member can carry, and no others", () => {
    const parameters = { shared_buffers: "1GB", work_mem: "64MB" };
    const spilo = renderSpiloConfiguration(
      planCluster(specification({ postgresql: { parameters } })),
      secrets,
    );
    expect(parse(spilo).postgresql.parameters).toEqual({
      "bg_mon.listen_address": "127.0.0.1",
      shared_buffers: "1GB",
    });
  });

  it("is the same at any size of the cluster and for any dynamic parameter, so that no member is replaced", () => {
    const grown = specification({ members: 9, postgresql: { parameters: { max_connections: 500 } } });
    expect(renderSpiloConfiguration(planCluster(grown), secrets)).toBe(
      renderSpiloConfiguration(plan, secrets),
    );
  });

  it("lets nobody in over the network without TLS and a password", () => {
    const lines: readonly string[] = parse(renderSpiloConfiguration(plan, secrets)).postgresql.pg_hba;
    const remote = lines.filter((line) => !/^local |127\.0\.0\.1|::1/.test(line));
    expect(remote).toEqual([
      "hostssl replication standby 10.87.188.0/24 scram-sha-256",
      "hostssl all all 10.87.188.0/24 scram-sha-256",
    ]);
    expect(lines.filter((line) => line.endsWith("trust")).every((line) => line.startsWith("local "))).toBe(
      true,
    );
  });
});

describe("HAProxy's configuration", () => {
  it("is the same at any size of the cluster, so that no proxy is replaced", () => {
    expect(haproxyOf(planCluster(specification({ members: 9 })))).toBe(
      haproxyOf(planCluster(specification({ members: 1 }))),
    );
  });

  it("opens the two ports of the endpoint and no other", () => {
    const ports = { readWrite: 6432, readOnly: 6433 };
    const binds = haproxyOf(planCluster(specification({ endpoint: { ports } }))).match(
      /^ *(bind|stats socket) \S+/gm,
    );
    expect(binds?.map((line) => line.trim())).toEqual([
      "stats socket /run/haproxy/admin.sock",
      "bind *:6432",
      "bind *:6433",
    ]);
  });
});

describe("every plan", () => {
  it("renders, and what is YAML parses", () => {
    fc.assert(
      fc.property(soundSpecification(), (written) => {
        const any = planCluster(parseSpec(written));
        expect(parse(renderSpiloConfiguration(any, secrets)).postgresql.pg_hba).toHaveLength(6);
        expect(parse(etcdOf(any))["initial-cluster"].split(",")).toHaveLength(any.voters.length);
        expect(haproxyOf(any).match(/^ {4}server /gm)).toHaveLength(18);
      }),
      { numRuns: 50 },
    );
  });

  it("sets each variable of a member once, sorted, and none of the secret ones", () => {
    fc.assert(
      fc.property(soundSpecification(), (written) => {
        const any = planCluster(parseSpec(written));
        const names = [...renderArchiveEnv(any, incarnation), ...memberEnvOf(any)].map(({ name }) => name);
        expect(new Set(names).size).toBe(names.length);
        expect(names.filter((name) => secretMemberEnv.some((secret) => secret === name))).toEqual([]);
        expect(names.every((name) => /^[A-Z][A-Z0-9_]*$/.test(name))).toBe(true);
      }),
      { numRuns: 50 },
    );
  });
});

function haproxyOf(any: ClusterPlan): string {
  return renderHaproxy(any, first(any.proxies));
}

function etcdOf(any: ClusterPlan): string {
  return renderEtcd(any, first(any.voters), incarnation);
}

function memberEnvOf(any: ClusterPlan): readonly EnvVariable[] {
  return renderMemberEnv(any, first(any.members), incarnation);
}

function first<T>(list: readonly T[]): T {
  const [head] = list;
  if (head === undefined) throw new Error("the list is empty");
  return head;
}

function file(variables: readonly EnvVariable[]): string {
  return variables.map(({ name, value }) => `${name}=${value}\n`).join("");
}
