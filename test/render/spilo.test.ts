import { beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import {
  type ClusterPlan,
  identityPath,
  renderArchiveEnv,
  renderMemberEnv,
  renderSpiloConfiguration,
} from "../../cluster/index.ts";
import { runIn } from "./container.ts";
import { testAuthority } from "./identity.ts";
import { environment, firstOf, planOf } from "./plans.ts";
import { samplePlans } from "./samples.ts";

const incarnation = "ab12cd34";
const plan = planOf({ postgresql: { parameters: { shared_buffers: "256MB" } }, backup: { retainDays: 30 } });
const member = firstOf(plan.members);
const secrets = { restUser: "spilo", restPassword: 'p"w: #x', rewindPassword: "of-the-rewind" };

/**
 * A member as its container begins, up to the start of Patroni. Patroni's validator is told what it would not find:
 * the name, which the image's file has below `postgresql`; an address in place of `:8008`; and voters that answer.
 */
const configure = `
  set -e
  mkdir -p "$PGDATA" "$PGLOG" && chown -R postgres "$PGROOT"
  python3 /scripts/configure_spilo.py all >/tmp/log 2>&1 || { cat /tmp/log; exit 1; }
  cat /run/postgres.yml
  echo "--- archive"
  cd /run/etc/wal-e.d/env && for name in *; do echo "$name=$(cat "$name")"; done
  echo "--- validation"
  python3 -m http.server --bind 127.0.0.1 2379 >/dev/null 2>&1 &
  until (: </dev/tcp/127.0.0.1/2379) 2>/dev/null; do kill -0 $!; done
  export PATRONI_NAME=$HOSTNAME PATRONI_RESTAPI_LISTEN=0.0.0.0:8008 PATRONI_ETCD3_HOSTS=127.0.0.1:2379
  su --preserve-environment postgres --command "patroni --validate-config /run/postgres.yml" && echo accepted
`;

/** The same for several members, each of its own cluster; prints a line for each. */
const configureAll = `
  set -e
  mkdir -p "$PGDATA" "$PGLOG" && chown -R postgres "$PGROOT"
  python3 -m http.server --bind 127.0.0.1 2379 >/dev/null 2>&1 &
  until (: </dev/tcp/127.0.0.1/2379) 2>/dev/null; do kill -0 $!; done
  for index in $(seq $COUNT); do
    rm -rf /run/postgres.yml /run/etc/wal-e.d
    (
      while IFS= read -r -d "" variable; do export "$variable"; done < /tmp/sample-$index.env
      python3 /scripts/configure_spilo.py all >/tmp/log 2>&1 || { cat /tmp/log; exit 1; }
      export PATRONI_NAME=$HOSTNAME PATRONI_RESTAPI_LISTEN=0.0.0.0:8008 PATRONI_ETCD3_HOSTS=127.0.0.1:2379
      su --preserve-environment postgres --command "patroni --validate-config /run/postgres.yml"
      grep "^scope:" /run/postgres.yml
    ) || echo "sample $index is refused"
  done
`;

/** Of Patroni's file, what this project's configuration is about. */
const patroniFile = z.object({
  scope: z.string(),
  namespace: z.string(),
  etcd3: z.looseObject({ hosts: z.array(z.string()) }),
  restapi: z.looseObject({ authentication: z.record(z.string(), z.string()), connect_address: z.string() }),
  ctl: z.record(z.string(), z.string()),
  postgresql: z.object({
    connect_address: z.string(),
    authentication: z.record(z.string(), z.record(z.string(), z.string())),
    create_replica_methods: z.array(z.string()),
    basebackup: z.array(z.record(z.string(), z.string())),
    parameters: z.record(z.string(), z.unknown()),
    pg_hba: z.array(z.string()),
  }),
});

describe("a member's environment", () => {
  let exitCode: number | undefined;
  let patroni = "";
  let archive = "";
  let validation = "";

  beforeAll(async () => {
    const identity = await (await testAuthority()).identityOf(member.certificate);
    const outcome = await runIn({
      image: "spilo",
      script: configure,
      files: { ...identity, [identityPath("s3Ca")]: identity[identityPath("ca")] ?? "" },
      env: {
        ...environment(renderMemberEnv(plan, member, incarnation)),
        ...environment(renderArchiveEnv(plan, incarnation)),
        SPILO_CONFIGURATION: renderSpiloConfiguration(plan, secrets),
        ETCD3_PASSWORD: "of-patroni",
        PGPASSWORD_SUPERUSER: "of-the-superuser",
        PGPASSWORD_STANDBY: "of-the-standby",
        AWS_ACCESS_KEY_ID: "key",
        AWS_SECRET_ACCESS_KEY: "of-the-key",
      },
      options: ["--hostname", member.name, "--add-host", `${member.name}:${member.address}`],
    });
    exitCode = outcome.exitCode;
    [patroni = "", archive = "", validation = ""] = outcome.output.split(/^--- \w+\n/m);
  });

  it("is understood by the image, and what it makes of it is accepted by Patroni", () => {
    expect(validation.trim()).toBe("accepted");
    expect(exitCode).toBe(0);
  });

  it("becomes this member of this cluster, with keys of this incarnation", () => {
    const file = patroniFile.parse(parse(patroni));
    expect([file.scope, file.namespace]).toEqual(["dev", `/spilo-${incarnation}/`]);
    expect(file.etcd3.hosts).toEqual(plan.voters.map(({ client }) => `${client.host}:${client.port}`));
    expect(file.restapi.connect_address).toBe(`${member.address}:8008`);
    expect(file.postgresql.connect_address).toBe(`${member.address}:5432`);
  });

  it("shows its certificate to etcd, to members and to who asks Patroni, and checks theirs", () => {
    const { etcd3, restapi, ctl, postgresql } = patroniFile.parse(parse(patroni));
    const [ca, cert, key] = [identityPath("ca"), identityPath("certificate"), identityPath("key")];
    expect(etcd3).toMatchObject({ protocol: "https", cacert: ca, cert, key });
    expect(etcd3).toMatchObject({ username: "patroni_1", password: "of-patroni" });
    expect(restapi).toMatchObject({ cafile: ca, certfile: cert, keyfile: key, verify_client: "required" });
    expect(ctl).toEqual({ cacert: ca, certfile: cert, keyfile: key });
    expect(postgresql.parameters).toMatchObject({
      ssl: "on",
      ssl_ca_file: ca,
      ssl_cert_file: cert,
      ssl_key_file: key,
    });
    const checked = { sslmode: "verify-full", sslrootcert: ca, sslcert: cert, sslkey: key };
    expect(postgresql.authentication).toEqual({
      superuser: { username: "postgres", password: "of-the-superuser" },
      replication: { username: "standby_1", password: "of-the-standby", ...checked },
      rewind: { username: "rewind_1", password: "of-the-rewind", ...checked },
    });
  });

  it("overrides what the image would set locally", () => {
    const file = patroniFile.parse(parse(patroni));
    expect(file.restapi.authentication).toEqual({ username: "spilo", password: 'p"w: #x' });
    expect(file.postgresql.parameters).toMatchObject({
      shared_buffers: "256MB",
      "bg_mon.listen_address": "127.0.0.1",
    });
    expect(file.postgresql.create_replica_methods).toEqual(["basebackup"]);
    expect(file.postgresql.basebackup).toEqual([{ checkpoint: "fast" }]);
    expect(file.postgresql.pg_hba.filter((line) => / (md5|trust)$/.test(line))).toEqual([]);
    expect(file.postgresql.pg_hba).toHaveLength(20);
  });

  it("archives with wal-g, under a prefix of this incarnation", () => {
    const archived = Object.fromEntries(
      archive
        .trim()
        .split("\n")
        .map((line) => line.split(/=(.*)/s, 2)),
    );
    expect(archived).toMatchObject({
      WALG_S3_PREFIX: `s3://dev-wal/spilo/dev/${incarnation}/wal/17`,
      AWS_ENDPOINT: plan.archive.endpoint,
      WALG_S3_CA_CERT_FILE: identityPath("s3Ca"),
      AWS_REGION: "us-east-1",
      AWS_S3_FORCE_PATH_STYLE: "true",
      USE_WALG_BACKUP: "true",
      BACKUP_NUM_TO_RETAIN: "30",
    });
    expect(patroniFile.parse(parse(patroni)).postgresql.parameters["archive_command"]).toContain(
      "wal-g wal-push",
    );
  });
});

describe("the environment of a member of any cluster", () => {
  it("becomes a configuration that Patroni accepts", async () => {
    const plans = samplePlans(8);
    // A replica's has more in it than a member's.
    expect(plans.some(({ replicas }) => replicas.at(-1)?.applyDelaySeconds !== undefined)).toBe(true);
    const files = plans.map((any, index) => [`/tmp/sample-${index + 1}.env`, environmentFile(any)]);
    const { output } = await runIn({
      image: "spilo",
      script: configureAll,
      files: Object.fromEntries(files),
      env: { COUNT: String(plans.length) },
      options: ["--add-host", "member:10.0.0.11", "--hostname", "member"],
    });
    expect(output.trim().split("\n").map(quoteless)).toEqual(plans.map(({ cluster }) => `scope: ${cluster}`));
  });
});

/** Variables as a file that a shell reads: each ends in a NUL, because some have line breaks. */
function environmentFile(any: ClusterPlan): string {
  const server = any.replicas.at(-1) ?? firstOf(any.members);
  const variables = {
    ...environment(renderMemberEnv(any, server, incarnation)),
    ...environment(renderArchiveEnv(any, incarnation)),
    SPILO_CONFIGURATION: renderSpiloConfiguration(any, secrets, server),
    ETCD3_PASSWORD: "of-patroni",
    PGPASSWORD_SUPERUSER: "of-the-superuser",
    PGPASSWORD_STANDBY: "of-the-standby",
    AWS_ACCESS_KEY_ID: "key",
    AWS_SECRET_ACCESS_KEY: "of-the-key",
  };
  return Object.entries(variables)
    .map(([name, value]) => `${name}=${value}\0`)
    .join("");
}

function quoteless(line: string): string {
  return line.replaceAll("'", "");
}
