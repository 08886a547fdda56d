import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { renderPoolerUsers } from "../../cluster/index.ts";
import { certificateOf, differing, known, ofType, openTexts, type Recorded, record } from "./recorder.ts";

const container = "docker:index/container:Container";
const volume = "docker:index/volume:Volume";
const identity = "spilo:index:Identity";
const image = "docker:index/remoteImage:RemoteImage";

/** `[type, name, parent]` of everything, sorted. */
function inventory(resources: readonly Recorded[]): (string | undefined)[][] {
  return resources.map(({ type, name, parent }) => [type, name, parent]).sort();
}

/** Everything but the members, of any cluster named orders with the default images. */
const common = [
  [image, "orders-image-ghcr.io-zalando-spilo-17-4.0-p3", "orders"],
  [image, "orders-image-pulumi-spilo-proxy-1", "orders"],
  [image, "orders-image-pulumi-spilo-s3-1", "orders"],
  [image, "orders-image-quay.io-coreos-etcd-v3.5.21", "orders"],
  ["docker:index/network:Network", "orders-local-network", "orders"],
  ["pulumi:providers:docker", "orders-local", "orders"],
  ["spilo:index:SpiloCluster", "orders", undefined],
  ["spilo:index:Incarnation", "orders-incarnation", "orders"],
  ["spilo:index:Specification", "orders-specification", "orders"],
  ["spilo:index:CertificateAuthority", "orders-authority", "orders"],
  ["spilo:index:Certificate", "orders-operator-certificate", "orders"],
  ...[
    "superuser",
    "standby",
    "rewind",
    "operator",
    "application",
    "rest",
    "etcd-root",
    "etcd",
    "vrrp",
    "s3",
  ].map((purpose) => ["spilo:index:Password", `orders-password-${purpose}`, "orders"]),
  ["spilo:index:Bucket", "orders-bucket", "orders"],
  ["spilo:index:EtcdAccess", "orders-etcd-access", "orders"],
  ["spilo:index:LoginsOpened", "orders-logins-opened", "orders"],
  ["spilo:index:Departure", "orders-departure", "orders"],
  ["spilo:index:DynamicSettings", "orders-settings", "orders"],
  ["spilo:index:Roles", "orders-roles", "orders"],
  ["spilo:index:Readiness", "orders-ready", "orders"],
  ["spilo:index:FirstBackup", "orders-first-backup", "orders"],
  ["spilo:index:Guard", "orders-kept-until-deletionProtection-is-false", "orders"],
  ["spilo:index:LoginsClosed", "orders-logins-closed", "orders"],
  ["spilo:index:Trusted", "orders-trusted", "orders"],
  ["spilo:index:Distrusted", "orders-distrusted", "orders"],
  ["spilo:index:ProcessLimits", "orders-local-process-limits", "orders"],
  ...["1", "2"].flatMap((index) => [
    ...part(`orders-proxy-${index}`),
    ["spilo:index:Serving", `orders-proxy-${index}-serving`, "orders"],
  ]),
  ...["orders-s3", "orders-etcd-1", "orders-etcd-2", "orders-etcd-3"].flatMap((name) => [
    ...part(name),
    [volume, `${name}-data`, "orders"],
  ]),
  ...["orders-etcd-1", "orders-etcd-2", "orders-etcd-3"].flatMap((name) => [
    ["spilo:index:VoterTurn", `${name}-turn`, "orders"],
    ["spilo:index:VoterJoined", `${name}-joined`, "orders"],
  ]),
];

function member(index: number): string[][] {
  return [
    ...part(`orders-${index}`),
    [volume, `orders-${index}-data`, "orders"],
    ["spilo:index:Turn", `orders-${index}-turn`, "orders"],
    ["spilo:index:Joined", `orders-${index}-joined`, "orders"],
  ];
}

/** What every part has. */
function part(name: string): string[][] {
  return [
    [container, name, "orders"],
    [volume, `${name}-identity`, "orders"],
    ["spilo:index:Certificate", `${name}-certificate`, "orders"],
    [identity, `${name}-files`, "orders"],
  ];
}

describe("the resources of a cluster", () => {
  it("are exactly these for three members", async () => {
    const { resources } = await record({ name: "orders" });
    expect(inventory(resources)).toEqual([...common, ...[1, 2, 3].flatMap(member)].sort());
  });

  it("are exactly these for one member", async () => {
    const { resources } = await record({ name: "orders", members: 1 });
    expect(inventory(resources)).toEqual([...common, ...member(1)].sort());
  });

  it("have no S3 server when the user names one", async () => {
    const backup = { endpoint: "https://s3.example.org", bucket: "walls" };
    const storeKey = { accessKey: "key", secretKey: pulumi.secret("hidden") };
    const { resources } = await record({ name: "orders", members: 1, backup, storeKey });
    const names = resources.map(({ name }) => name);
    expect(names.filter((name) => name.includes("s3"))).toEqual([]);
    expect(ofType(resources, "spilo:index:Bucket").get("orders-bucket")).toEqual({
      endpoint: "https://s3.example.org",
      name: "walls",
      region: "us-east-1",
      accessKey: "key",
      secretKey: "hidden",
      ownServer: false,
    });
  });

  it("share an image that several parts use", async () => {
    const images = { spilo: "all:1", etcd: "all:1", proxy: "all:1", s3: "all:1" };
    const { resources } = await record({ name: "orders", images });
    expect([...ofType(resources, image).keys()]).toEqual(["orders-image-all-1"]);
  });
});

describe("secrets", () => {
  const issuers = ["spilo:index:CertificateAuthority", "spilo:index:Certificate"];

  it("are marked wherever they go: each password and each private key", async () => {
    const { resources } = await record({ name: "orders", endpoint: { pooled: true } });
    const open = resources.flatMap(({ name, inputs }) => openTexts(inputs).map((text) => `${name}: ${text}`));
    expect(open.filter((text) => /password-of-|private-key-of-|auth_pass/.test(text))).toEqual([]);
    const all = JSON.stringify(resources);
    const passwords = namesOf(resources, ["spilo:index:Password"]);
    const keys = namesOf(resources, issuers);
    expect([passwords.length, keys.length]).toEqual([11, 11]);
    // keepalived takes eight characters of its own.
    expect(passwords.filter((name) => !all.includes(`password-of-${name}`))).toEqual([
      "orders-password-vrrp",
    ]);
    expect(all).toContain("auth_pass password\\n");
    expect(keys.filter((name) => !all.includes(`private-key-of-${name}\\n`))).toEqual([]);
  });

  it("are marked where they are made, whatever the provider says of them", async () => {
    const { resources } = await record({ name: "orders" });
    const marked = new Map(resources.map(({ type, secretOutputs }) => [type, secretOutputs]));
    expect(marked.get("spilo:index:Password")).toContain("value");
    expect(marked.get(identity)).toEqual(expect.arrayContaining(["files", "secretConfiguration"]));
    for (const issuer of issuers) expect(marked.get(issuer)).toContain("privateKey");
  });

  it("are marked also when they came as plain text", async () => {
    const authority = { certificate: certificateOf("given"), privateKey: "hidden-key" };
    const storeKey = { accessKey: "key", secretKey: "hidden-secret" };
    const backup = { endpoint: "https://s3.example.org" };
    const { resources } = await record({ name: "orders", tls: { ca: "given" }, authority, backup, storeKey });
    const open = resources.flatMap(({ inputs }) => openTexts(inputs));
    expect(open.filter((text) => text.includes("hidden-"))).toEqual([]);
    expect(ofType(resources, "spilo:index:CertificateAuthority").get("orders-authority")).toMatchObject({
      given: authority,
    });
  });

  it("are marked in the outputs", async () => {
    const { cluster } = await record({ name: "orders" });
    const { uri, readOnlyUri, multiHostUri, multiHostReadOnlyUri, credentials } = cluster;
    const { endpoint, members, voters, proxies, ca } = cluster;
    const marked = [uri, readOnlyUri, multiHostUri, multiHostReadOnlyUri, credentials];
    const open = [endpoint, members, voters, proxies, ca];
    expect(await Promise.all(marked.map((one) => pulumi.isSecret<unknown>(one)))).toEqual(
      marked.map(() => true),
    );
    expect(await Promise.all(open.map((one) => pulumi.isSecret<unknown>(one)))).toEqual(
      open.map(() => false),
    );
  });
});

describe("the outputs", () => {
  const login = "postgresql://app_1:password-of-orders-password-application";
  const own = { network: { subnet: "10.90.7.0/24" } };

  it("say where everything is", async () => {
    const { cluster } = await record({ name: "orders", ...own, members: 1 });
    const { endpoint, members, voters, proxies, archive, ca } = cluster;
    const values = await known(pulumi.all([endpoint, members, voters, proxies, archive, ca]));
    const engine = "unix:///var/run/docker.sock";
    expect(values).toEqual([
      { address: "10.90.7.10", readWritePort: 5000, readOnlyPort: 5001 },
      [
        {
          name: "orders-1",
          address: "10.90.7.11",
          postgresPort: 5432,
          restUrl: "https://10.90.7.11:8008",
          engine,
          zone: "local",
          synchronous: true,
        },
      ],
      [
        { name: "orders-etcd-1", url: "https://10.90.7.31:2379" },
        { name: "orders-etcd-2", url: "https://10.90.7.32:2379" },
        { name: "orders-etcd-3", url: "https://10.90.7.33:2379" },
      ],
      [
        { name: "orders-proxy-1", address: "10.90.7.21", engine },
        { name: "orders-proxy-2", address: "10.90.7.22", engine },
      ],
      {
        endpoint: "https://10.90.7.41:9000",
        region: "us-east-1",
        bucket: "orders-wal",
        prefix: "spilo/orders/1a2b3c4d/wal/17",
        ca: certificateOf("orders-authority"),
        schedule: "0 1 * * *",
        firstBackup: "base_1",
        firstBackupBytes: 1000,
      },
      certificateOf("orders-authority"),
    ]);
  });

  it("say what was declared", async () => {
    const { cluster } = await record({ name: "orders", recovery: { objective: "wide" } });
    const { synchronousStandbys, recovery } = cluster;
    expect(await known(pulumi.all([synchronousStandbys, recovery]))).toMatchObject([
      1,
      { objective: "wide" },
    ]);
  });

  it("have the application connect as itself, and only to whoever proves to be the server", async () => {
    const { cluster } = await record({ name: "orders", ...own, members: 2 });
    const { uri, readOnlyUri, multiHostUri, multiHostReadOnlyUri } = cluster;
    const members = "10.90.7.11:5432,10.90.7.12:5432";
    const options = "sslmode=verify-full&connect_timeout=3";
    expect(await known(pulumi.all([uri, readOnlyUri, multiHostUri, multiHostReadOnlyUri]))).toEqual([
      `${login}@10.90.7.10:5000/app?sslmode=verify-full`,
      `${login}@10.90.7.10:5001/app?sslmode=verify-full`,
      `${login}@${members}/app?${options}&target_session_attrs=read-write`,
      `${login}@${members}/app?${options}&target_session_attrs=prefer-standby`,
    ]);
  });

  it("name the application's own database and role", async () => {
    const application = { database: "ledger", role: "bookkeeper" };
    const { cluster, resources } = await record({ name: "orders", ...own, application });
    const password = "password-of-orders-password-application";
    expect(await known(cluster.uri)).toBe(
      `postgresql://bookkeeper_1:${password}@10.90.7.10:5000/ledger?sslmode=verify-full`,
    );
    expect(ofType(resources, "spilo:index:Roles").get("orders-roles")).toMatchObject({
      application,
      names: {
        application: "bookkeeper_1",
        operator: "operator_1",
        standby: "standby_1",
        rewind: "rewind_1",
      },
      logins: { application: password, operator: "password-of-orders-password-operator" },
    });
  });

  it("let an operator in with a certificate, and never as the superuser", async () => {
    const { cluster } = await record({ name: "orders" });
    const credentials = await known(cluster.credentials);
    expect(credentials.operator.user).toBe("operator_1");
    expect(credentials.etcd).toEqual({ user: "patroni_1", password: "password-of-orders-password-etcd" });
    expect(credentials.access).toMatchObject({
      ca: certificateOf("orders-authority"),
      certificate: certificateOf("orders-operator-certificate"),
    });
    expect(JSON.stringify(credentials)).not.toContain("password-of-orders-password-superuser");
  });
});

describe("a connection pool", () => {
  const subnet = "10.90.7.0/24";

  it("stands beside both proxies, with a login of its own, and changes no member", async () => {
    const [without, pooled] = [
      await record({ name: "orders", network: { subnet } }),
      await record({ name: "orders", network: { subnet }, endpoint: { pooled: true } }),
    ];
    const users = renderPoolerUsers(
      { pooler: "pooler_1", operator: "operator_1" },
      {
        password: "password-of-orders-password-pooler",
        operatorPassword: "password-of-orders-password-operator",
        incarnation: "1a2b3c4d",
      },
    );
    expect(differing(without.resources, pooled.resources)).toEqual([
      `${container} orders-proxy-1`,
      `${container} orders-proxy-2`,
      `${identity} orders-proxy-1-files`,
      `${identity} orders-proxy-2-files`,
      "spilo:index:Password orders-password-pooler",
      "spilo:index:PoolerLogin orders-pooler-login",
    ]);
    expect(ofType(pooled.resources, identity).get("orders-proxy-1-files")).toMatchObject({
      configuration: { "pgbouncer.ini": expect.stringContaining("server_tls_sslmode = verify-full") },
      secretConfiguration: { "userlist.txt": users },
      served: [{ host: "10.90.7.21", port: 6432, protocol: "postgres" }],
    });
    expect(await known(pooled.cluster.endpoint)).toMatchObject({ pooledPort: 6432 });
    expect(pooled.cluster.pooledUri && (await known(pooled.cluster.pooledUri))).toBe(
      "postgresql://app_1:password-of-orders-password-application@10.90.7.10:6432/app?sslmode=verify-full",
    );
    expect(without.cluster.pooledUri).toBeUndefined();
  });
});

function namesOf(resources: readonly Recorded[], types: readonly string[]): string[] {
  return resources.filter(({ type }) => types.includes(type)).map(({ name }) => name);
}
