import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { differing, openTexts, plain, type Recorded, record } from "./recorder.ts";

const container = "docker:index/container:Container";
const volume = "docker:index/volume:Volume";
const network = "docker:index/network:Network";
const image = "docker:index/remoteImage:RemoteImage";

/** `[type, name, parent]` of everything, sorted. */
function inventory(resources: readonly Recorded[]): (string | undefined)[][] {
  return resources.map(({ type, name, parent }) => [type, name, parent]).sort();
}

function ofType(
  resources: readonly Recorded[],
  type: string,
): Map<string, Readonly<Record<string, unknown>>> {
  return new Map(
    resources.filter((one) => one.type === type).map(({ name, inputs }) => [name, plain(inputs)]),
  );
}

/** Everything but the members, of any cluster named orders with the default images. */
const common = [
  [image, "orders-image-ghcr.io-zalando-spilo-17-4.0-p3", "orders"],
  [image, "orders-image-pulumi-spilo-proxy-1", "orders"],
  [image, "orders-image-pulumi-spilo-s3-1", "orders"],
  [image, "orders-image-quay.io-coreos-etcd-v3.5.21", "orders"],
  [network, "orders-local-network", "orders"],
  ["pulumi:providers:docker", "orders-local", "orders"],
  ["spilo:index:SpiloCluster", "orders", undefined],
  ["spilo:index:Incarnation", "orders-incarnation", "orders"],
  ["spilo:index:Specification", "orders-specification", "orders"],
  ["spilo:index:Password", "orders-password-rest", "orders"],
  ["spilo:index:Password", "orders-password-s3", "orders"],
  ["spilo:index:Password", "orders-password-standby", "orders"],
  ["spilo:index:Password", "orders-password-superuser", "orders"],
  ["spilo:index:Bucket", "orders-bucket", "orders"],
  ["spilo:index:DynamicSettings", "orders-settings", "orders"],
  ["spilo:index:Readiness", "orders-ready", "orders"],
  ["spilo:index:FirstBackup", "orders-first-backup", "orders"],
  ["spilo:index:Password", "orders-password-vrrp", "orders"],
  ...["1", "2"].flatMap((index) => [
    [container, `orders-proxy-${index}`, "orders"],
    ["spilo:index:Serving", `orders-proxy-${index}-serving`, "orders"],
  ]),
  [container, "orders-s3", "orders"],
  [volume, "orders-s3-data", "orders"],
  ...["1", "2", "3"].flatMap((index) => [
    [container, `orders-etcd-${index}`, "orders"],
    [volume, `orders-etcd-${index}-data`, "orders"],
  ]),
];

function member(index: number): string[][] {
  return [
    [container, `orders-${index}`, "orders"],
    [volume, `orders-${index}-data`, "orders"],
    ["spilo:index:Joined", `orders-${index}-joined`, "orders"],
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

describe("the inputs of what docker makes", () => {
  it("are complete, so that a second preview finds nothing to change", async () => {
    const subnet = "10.90.7.0/24";
    const { resources } = await record({
      name: "orders",
      network: { subnet },
      resources: { memory: "2GB", cpus: 1.5 },
    });
    expect(ofType(resources, network).get("orders-local-network")).toMatchObject({
      name: "orders",
      driver: "bridge",
      ipamConfigs: [{ subnet, gateway: "10.90.7.1", ipRange: "10.90.7.128/25" }],
    });
    const containers = ofType(resources, container);
    expect(containers.get("orders-2")).toMatchObject({
      name: "orders-2",
      hostname: "orders-2",
      image: "sha256:ghcr.io/zalando/spilo-17:4.0-p3",
      networksAdvanced: [{ name: "orders", ipv4Address: "10.90.7.12" }],
      volumes: [{ volumeName: "orders-2-data-1a2b3c4d", containerPath: "/home/postgres/pgdata" }],
      memory: 2048,
      memorySwap: 2048,
      cpus: "1.5",
      shmSize: 256,
      capabilities: { adds: ["CAP_SYS_NICE"] },
      destroyGraceSeconds: 60,
      restart: "always",
    });
    expect(containers.get("orders-etcd-3")).toMatchObject({
      command: ["/usr/local/bin/etcd", "--config-file=/etc/etcd/etcd.yml"],
      networksAdvanced: [{ name: "orders", ipv4Address: "10.90.7.33" }],
      volumes: [{ volumeName: "orders-etcd-3-data-1a2b3c4d", containerPath: "/var/lib/etcd" }],
    });
  });

  it("let a proxy hold the endpoint's address, and nothing that it has no use for", async () => {
    const { resources } = await record({ name: "orders", network: { subnet: "10.90.7.0/24" } });
    expect(ofType(resources, container).get("orders-proxy-2")).toMatchObject({
      networksAdvanced: [{ name: "orders", ipv4Address: "10.90.7.22" }],
      capabilities: { drops: ["ALL"], adds: expect.arrayContaining(["CAP_NET_ADMIN", "CAP_NET_RAW"]) },
      uploads: [
        { file: "/etc/haproxy/haproxy.cfg", content: expect.stringContaining("backend leader") },
        {
          file: "/etc/keepalived/keepalived.conf",
          content: expect.stringContaining("unicast_src_ip 10.90.7.22"),
          permissions: "0600",
        },
      ],
    });
  });

  it("publish no port and change no label for the life of the cluster", async () => {
    const { resources } = await record({ name: "orders" });
    for (const [name, inputs] of ofType(resources, container)) {
      expect(Object.keys(inputs), name).not.toContain("ports");
      expect(inputs["labels"], name).toEqual([
        { label: "pulumi-spilo.project", value: "pulumi-spilo" },
        { label: "pulumi-spilo.stack", value: "dev" },
        { label: "pulumi-spilo.cluster", value: "orders" },
        { label: "pulumi-spilo.part", value: expect.stringMatching(/^(member|voter|proxy|s3)$/) },
        { label: "pulumi-spilo.incarnation", value: "1a2b3c4d" },
      ]);
    }
  });
});

describe("secrets", () => {
  it("are marked wherever they go", async () => {
    const { resources } = await record({ name: "orders" });
    const open = resources.flatMap(({ name, inputs }) => openTexts(inputs).map((text) => `${name}: ${text}`));
    expect(open.filter((text) => /password-of-|auth_pass/.test(text))).toEqual([]);
    expect(JSON.stringify(resources)).toContain("password-of-orders-password-rest");
  });

  it("are marked in the outputs", async () => {
    const { cluster } = await record({ name: "orders" });
    const { uri, readOnlyUri, multiHostUri, credentials, endpoint, members } = cluster;
    const open = [pulumi.isSecret(endpoint), pulumi.isSecret(members)];
    const marked = [
      pulumi.isSecret(uri),
      pulumi.isSecret(multiHostUri),
      pulumi.isSecret(readOnlyUri),
      pulumi.isSecret(credentials),
    ];
    expect(await Promise.all(marked)).toEqual([true, true, true, true]);
    expect(await Promise.all(open)).toEqual([false, false]);
  });
});

describe("the outputs", () => {
  it("say where everything is", async () => {
    const { cluster } = await record({ name: "orders", network: { subnet: "10.90.7.0/24" }, members: 1 });
    const values = await known(
      pulumi.all([cluster.endpoint, cluster.uri, cluster.members, cluster.voters, cluster.archive]),
    );
    expect(await known(cluster.multiHostUri)).toBe(
      "postgresql://postgres:password-of-orders-password-superuser@10.90.7.11:5432/postgres?sslmode=require&connect_timeout=3&target_session_attrs=read-write",
    );
    expect(values).toEqual([
      { address: "10.90.7.10", readWritePort: 5000, readOnlyPort: 5001 },
      "postgresql://postgres:password-of-orders-password-superuser@10.90.7.10:5000/postgres?sslmode=require",
      [{ name: "orders-1", address: "10.90.7.11", postgresPort: 5432, restUrl: "http://10.90.7.11:8008" }],
      ["http://10.90.7.31:2379", "http://10.90.7.32:2379", "http://10.90.7.33:2379"],
      {
        endpoint: "http://10.90.7.41:9000",
        region: "us-east-1",
        bucket: "orders-wal",
        prefix: "spilo/orders/1a2b3c4d/wal/17",
        firstBackup: "base_1",
        firstBackupBytes: 1000,
      },
    ]);
  });
});

describe("a connection pool", () => {
  const subnet = "10.90.7.0/24";

  it("stands beside both proxies, with a login of its own, and changes no member", async () => {
    const [without, pooled] = [
      await record({ name: "orders", network: { subnet } }),
      await record({ name: "orders", network: { subnet }, endpoint: { pooled: true } }),
    ];
    expect(differing(without.resources, pooled.resources)).toEqual([
      `${container} orders-proxy-1`,
      `${container} orders-proxy-2`,
      "spilo:index:Password orders-password-pooler",
      "spilo:index:PoolerLogin orders-pooler-login",
    ]);
    expect(ofType(pooled.resources, container).get("orders-proxy-1")?.["uploads"]).toContainEqual({
      file: "/etc/pgbouncer/userlist.txt",
      content: '"pooler" "password-of-orders-password-pooler"\n',
      permissions: "0600",
    });
    const open = pooled.resources.flatMap(({ inputs }) => openTexts(inputs));
    expect(open.filter((text) => text.includes("password-of-"))).toEqual([]);
    expect(pooled.cluster.pooledUri && (await known(pooled.cluster.pooledUri))).toBe(
      "postgresql://postgres:password-of-orders-password-superuser@10.90.7.10:6432/postgres?sslmode=require",
    );
    expect(without.cluster.pooledUri).toBeUndefined();
  });
});

function known<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => output.apply(resolve));
}
