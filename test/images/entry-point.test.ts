import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { environment, makeStage, ready, type Stage } from "./stage.ts";

let image: string;
let stage: Stage;
let required: Record<string, string>;

beforeAll(async () => {
  image = await ready("spilo");
  const etcd = await ready("etcd");
  stage = await makeStage("entry");
  const listen = [
    "--listen-client-urls",
    "http://0.0.0.0:2379",
    "--advertise-client-urls",
    "http://etcd:2379",
  ];
  const address = await stage.start("etcd", etcd, [], ["/usr/local/bin/etcd", ...listen]);
  required = { ETCD3_HOSTS: `"${address}:2379"`, SCOPE: "dev", PGVERSION: "17" };
}, 300_000);

afterAll(() => stage?.remove());

/** Runs the entry point's configuration step, then a command, in a member's container. */
async function configure(variables: Record<string, string>, then: string) {
  const script = `mkdir -p $PGDATA $PGLOG && chown -R postgres: $PGROOT && python3 /scripts/configure_spilo.py && ${then}`;
  const run = ["run", "--rm", "--network", stage.nameOf("etcd").replace(/-etcd$/, ""), "--hostname", "dev-1"];
  const limits = ["--memory", "2g"];
  const result = await execa(
    "docker",
    [...run, ...limits, ...environment({ ...required, ...variables }), image, "sh", "-c", script],
    { reject: false },
  );
  return { code: result.exitCode, text: result.stdout, log: result.stderr };
}

const archive = { WAL_S3_BUCKET: "wal", AWS_ENDPOINT: "http://s3:9000", USE_WALG_BACKUP: "true" };
const tls = "restapi: { authentication: { username: u, password: p } }";

describe("Patroni accepts what the entry point writes", () => {
  test.each([
    ["a member without an archive", {}],
    ["a member with an archive", archive],
    ["a member with its own settings", { SPILO_CONFIGURATION: tls }],
    [
      "a clone of an archive",
      { ...archive, CLONE_METHOD: "CLONE_WITH_WALE", CLONE_SCOPE: "a", CLONE_WAL_S3_BUCKET: "b" },
    ],
    ["a standby of a server", { STANDBY_HOST: "10.0.0.1" }],
  ])("%s", async (_, variables) => {
    const run = await configure(
      variables,
      "exec chpst -u postgres patroni --validate-config /run/postgres.yml",
    );
    expect(`${run.text}${run.code}`).toBe("0");
  });
});

test("the environment becomes Patroni's configuration, with the container's memory limit", async () => {
  const config = parse((await configure(archive, "cat /run/postgres.yml")).text);
  expect(config).toMatchObject({
    scope: "dev",
    name: "dev-1",
    postgresql: {
      bin_dir: "/usr/lib/postgresql/17/bin",
      data_dir: "/home/postgres/pgdata/pgroot/data",
      parameters: { shared_buffers: "512MB", shared_preload_libraries: "pg_stat_statements" },
    },
  });
});

test("secrets are in files that only PostgreSQL's user reads", async () => {
  const run = await configure(
    { ...archive, AWS_ACCESS_KEY_ID: "id", AWS_SECRET_ACCESS_KEY: "key" },
    "stat -c '%a %U' /run/postgres.yml /run/certs/server.key /run/etc/wal-e.d/env/AWS_SECRET_ACCESS_KEY",
  );
  expect(run.text.split("\n")).toEqual(["600 postgres", "600 postgres", "600 postgres"]);
});

test("certificates given as contents are written; a second run overwrites nothing", async () => {
  const given = { SSL_CERTIFICATE: "the certificate", SSL_PRIVATE_KEY: "the key" };
  const again = "SCOPE=other SSL_PRIVATE_KEY=other python3 /scripts/configure_spilo.py";
  const run = await configure(
    given,
    `${again} && cat /run/certs/server.key && grep ^scope /run/postgres.yml`,
  );
  expect(run.text).toBe("the keyscope: dev");
});

test("the first base backup waits for plain http on 8008, as Spilo's does", async () => {
  const wait = "/scripts/patroni_wait.sh --interval 1 --timeout 10 -- echo made";
  const page = "cd /tmp && touch primary && { python3 -m http.server 8008 >/dev/null 2>&1 & }";
  const answered = await configure({}, `${page} && ${wait}`);
  expect(answered.text).toBe("made");
  const silent = await configure({}, "/scripts/patroni_wait.sh --interval 1 --timeout 1 -- echo made");
  expect(silent).toMatchObject({ code: 2, text: "" });
});

describe("a setting that nothing can be made of stops the container with one line", () => {
  test.each([
    [{ ETCD3_HOSTS: "", SPILO_CONFIGURATION: "[a]" }, "SPILO_CONFIGURATION must be a mapping, but is a list"],
    [{ SPILO_CONFIGURATION: "{a" }, "SPILO_CONFIGURATION is not YAML"],
    [
      { SPILO_PROVIDER: "azure" },
      "SPILO_PROVIDER is 'azure': it must be one of aws, google, openstack, local",
    ],
    [{ PGVERSION: "12" }, "PGVERSION is '12': this image has 17"],
    [{ CLONE_METHOD: "CLONE_WITH_BASEBACKUP" }, "CLONE_WITH_BASEBACKUP needs CLONE_SCOPE"],
  ])("%o", async (variables, message) => {
    const run = await configure(variables, "true");
    expect(run.code).toBe(1);
    expect(run.log).toContain(message);
  });
});
