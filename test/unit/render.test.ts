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
import { crossZone, overZones, without } from "./zone-specifications.ts";

const incarnation = "ab12cd34";
const secrets = {
  restUser: "spilo",
  restPassword: 'not "secret"\n: #{here}',
  rewindPassword: "- neither: 'this'",
};
const plan = planCluster(specification());
/** Two zones with data and a witness, with four members. */
const overThree = planCluster(crossZone(overZones("abw", { w: { witness: true } }), { members: 4 }));

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
    await expect(renderPgbouncer(plan, first(plan.proxies), 6432)).toMatchFileSnapshot(
      "golden/pgbouncer.ini",
    );
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

describe("rendered files over several zones", () => {
  it("have a golden copy: spilo.yml", async () => {
    const member = first(overThree.members);
    const rendered = renderSpiloConfiguration(overThree, secrets, member);
    await expect(rendered).toMatchFileSnapshot("golden/zones-spilo.yml");
  });

  it("have a golden copy: haproxy.cfg", async () => {
    await expect(haproxyOf(overThree)).toMatchFileSnapshot("golden/zones-haproxy.cfg");
  });

  it("have a golden copy: etcd.yml", async () => {
    await expect(etcdOf(overThree)).toMatchFileSnapshot("golden/zones-etcd.yml");
  });

  it("have a golden copy: member.env", async () => {
    await expect(file(memberEnvOf(overThree))).toMatchFileSnapshot("golden/zones-member.env");
  });

  it("differ between members by nothing but the port of a page that the host alone can see", () => {
    const [one = "", ...others] = overThree.members.map((member) =>
      renderSpiloConfiguration(overThree, secrets, member).replace(/(?<=bg_mon\.port: |localhost:)\d+/g, "…"),
    );
    expect(one).toContain("bg_mon.port: …");
    for (const other of others) expect(other).toBe(one);
  });

  it("are the same for a member that stays, whatever zone cannot be had", () => {
    for (const gone of ["b", "c", "bc"]) {
      const [before, now] = [overZones("abc"), without(gone, "abc")].map((placed) => {
        const any = planCluster(crossZone(placed));
        const member = first(any.members);
        return [...memberEnvOf(any), renderSpiloConfiguration(any, secrets, member)];
      });
      expect(now).toEqual(before);
    }
  });

  it("lead readers to the standbys of their own zone first, and to the others when there are none", () => {
    const [one, two] = overThree.proxies.map((proxy) => renderHaproxy(overThree, proxy));
    expect(serversIn(one, "near")).toEqual(["1-a", "3-a", "5-a", "7-a", "9-a"]);
    expect(serversIn(two, "near")).toEqual(["2-b", "4-b", "6-b", "8-b"]);
    for (const backend of ["leader", "replicas"]) {
      expect(serversIn(one, backend)).toEqual(serversIn(two, backend));
      expect(serversIn(one, backend)).toHaveLength(9);
    }
    expect(one).toMatch(
      /use_backend leader if \{ nbsrv\(replicas\) lt 1 \}\s+use_backend near if .* ge 1 \}\s+default_backend replicas/,
    );
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
    const parameters = { shared_buffers: "1GB", work_mem: "8MB" };
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
    const grown = specification({ members: 9, postgresql: { parameters: { max_connections: 300 } } });
    expect(renderSpiloConfiguration(planCluster(grown), secrets)).toBe(
      renderSpiloConfiguration(plan, secrets),
    );
  });

  it("has one list of who is let in, for any cluster of the subnet", () => {
    const lines: readonly string[] = parse(renderSpiloConfiguration(plan, secrets)).postgresql.pg_hba;
    const places = ["11/32", "12/30", "16/30", "51/32", "52/30", "56/29"];
    const member = places.map((place) => `10.87.188.${place}`);
    expect(lines).toEqual([
      "local all postgres peer",
      "local replication standby_1,standby_2 scram-sha-256",
      "local all all scram-sha-256",
      ...member.map(
        (network) => `hostssl replication standby_1,standby_2 ${network} scram-sha-256 clientcert=verify-ca`,
      ),
      ...member.map(
        (network) => `hostssl postgres rewind_1,rewind_2 ${network} scram-sha-256 clientcert=verify-ca`,
      ),
      "hostssl postgres,spilo_probe operator_1,operator_2 10.87.188.0/24 scram-sha-256 clientcert=verify-ca",
      "hostssl postgres pooler_1,pooler_2 10.87.188.21/32 scram-sha-256",
      "hostssl postgres pooler_1,pooler_2 10.87.188.22/32 scram-sha-256",
      "host all postgres all reject",
      "hostssl all +spilo_clients 10.87.188.0/24 scram-sha-256",
    ]);
  });

  it("has members know each other by certificate, and wants to see one of whoever asks Patroni", () => {
    const { restapi, ctl, postgresql } = parse(renderSpiloConfiguration(plan, secrets));
    const shown = { sslcert: "/etc/identity/tls.crt", sslkey: "/etc/identity/tls.key" };
    const checked = { sslmode: "verify-full", sslrootcert: "/etc/identity/ca.crt" };
    expect(restapi.verify_client).toBe("required");
    expect(ctl).toEqual({ cacert: checked.sslrootcert, certfile: shown.sslcert, keyfile: shown.sslkey });
    expect(postgresql.authentication).toEqual({
      replication: { ...checked, ...shown },
      rewind: { username: "rewind_1", password: secrets.rewindPassword, ...checked, ...shown },
    });
  });
});

describe("the archive's environment", () => {
  const caFile = { name: "WALG_S3_CA_CERT_FILE", value: "/etc/identity/s3-ca.crt" };
  const ca = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";

  it.each([
    ["the stack's own server", {}, [caFile]],
    ["a server of the user's authority", { endpoint: "https://s3.example", ca }, [caFile]],
    ["a server that everybody knows", { endpoint: "https://s3.example" }, []],
  ])("says by what %s is known", (_title, backup, expected) => {
    const variables = renderArchiveEnv(planCluster(specification({ backup })), incarnation);
    expect(variables.filter(({ name }) => name.includes("CA_CERT"))).toEqual(expected);
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

describe("PgBouncer's configuration", () => {
  it("asks its own proxy by an address that every member's certificate carries", () => {
    for (const proxy of plan.proxies) {
      const hosts = renderPgbouncer(plan, proxy, 6432).match(/(?<=\bhost=)\S+/g);
      expect(hosts).toEqual([proxy.address, proxy.address]);
      expect(plan.members.every(({ certificate }) => certificate.addresses.includes(proxy.address))).toBe(
        true,
      );
    }
  });
});

describe("every plan", () => {
  it("renders, and what is YAML parses", () => {
    fc.assert(
      fc.property(soundSpecification(), (written) => {
        const any = planCluster(parseSpec(written));
        expect(parse(renderSpiloConfiguration(any, secrets)).postgresql.pg_hba).toHaveLength(20);
        expect(parse(etcdOf(any))["initial-cluster"].split(",")).toHaveLength(any.voters.length);
        const placesOfReplicas = any.replicas.length === 0 ? 0 : 13;
        expect(haproxyOf(any).match(/^ {4}server /gm)).toHaveLength(18 + placesOfReplicas);
        expect(allOf(any)).not.toMatch(/\bhttp:/);
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

/** The members of `dev` in a backend of HAProxy's: `1-a` and so on. */
function serversIn(configuration = "", backend: string): readonly string[] {
  const section = configuration.split("\nbackend ").find((text) => text.startsWith(`${backend}\n`)) ?? "";
  return [...section.matchAll(/server dev-(\S+)/g)].map(([, name = ""]) => name);
}

function haproxyOf(any: ClusterPlan): string {
  return renderHaproxy(any, first(any.proxies));
}

/** All that is rendered for a cluster's first parts. */
function allOf(any: ClusterPlan): string {
  const environments = [...memberEnvOf(any), ...renderArchiveEnv(any, incarnation)];
  const pooled = renderPgbouncer(any, first(any.proxies), 6432);
  return [
    renderSpiloConfiguration(any, secrets),
    haproxyOf(any),
    etcdOf(any),
    pooled,
    file(environments),
  ].join("\n");
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
