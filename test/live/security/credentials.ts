import { expect, it } from "vitest";
import { from } from "../probe.ts";
import type { Get } from "./context.ts";

const MINUTE = 60_000;

export function credentialTests(get: Get): void {
  /** Commands in a container on the cluster's network, and what they must end with. */
  const attempts: readonly (readonly [what: string, command: string, refusal: RegExp])[] = [
    ["no SQL without a password", psql("app_1", "app"), /no password supplied/],
    ["no SQL with a wrong one", `PGPASSWORD=wrong ${psql("app_1", "app")}`, /authentication failed/],
    [
      "no SQL for the superuser",
      `PGPASSWORD=zalando ${psql("postgres", "postgres")}`,
      /no pg_hba\.conf entry|rejects connection/,
    ],
    ["no SQL in clear", `PGPASSWORD=wrong ${psql("app_1", "app", "disable")}`, /no encryption/],
    [
      "no SQL through the pool",
      `PGPASSWORD=wrong ${psql("app_1", "app", "require", "{vip}", 6432)}`,
      /authentication failed/,
    ],
    [
      "no console of the pool",
      `PGPASSWORD=wrong ${psql("pgbouncer", "pgbouncer", "require", "{vip}", 6432)}`,
      /authentication failed|not allowed|no such user/i,
    ],
    [
      "no replication stream",
      "PGPASSWORD=standby pg_receivewal -h {member} -U standby_1 -D /tmp --no-password",
      /no pg_hba\.conf entry/,
    ],
    [
      "no key of etcd",
      'curl -sk https://{voter}:2379/v3/kv/range -d \'{"key":"AA==","range_end":"AA=="}\'; echo $?',
      /^(35|55|56)$/m,
    ],
    [
      "no key of etcd in clear",
      'curl -s http://{voter}:2379/v3/kv/range -d \'{"key":"AA=="}\'; echo $?',
      /^(52|56)$|HTTP request to an HTTPS server/m,
    ],
    ["no metric of etcd", "curl -sk https://{voter}:2379/metrics; echo $?", /^(35|55|56)$/m],
    ["no page of Patroni", "curl -sk https://{member}:8008/cluster; echo $?", /^(35|55|56)$/m],
    ["no metric of Patroni", "curl -sk https://{member}:8008/metrics; echo $?", /^(35|55|56)$/m],
    ["no page of Patroni in clear", "curl -s http://{member}:8008/cluster; echo $?", /^(52|56)$/m],
    [
      "no unsafe verb of Patroni",
      "curl -sk -X POST https://{member}:8008/restart -d '{}'; echo $?",
      /^(35|55|56)$/m,
    ],
    ["no list of the bucket", "curl -sk 'https://{s3}:9000/sec-wal?list-type=2'", /AccessDenied/],
    ["no object of the bucket", "curl -sk https://{s3}:9000/sec-wal/spilo/sec", /AccessDenied/],
    [
      "no metric of the S3 server",
      "curl -sk https://{s3}:9000/minio/v2/metrics/cluster",
      /AccessDenied|<Error>/,
    ],
  ];

  it.each(attempts)("%s", { timeout: MINUTE }, async (_what, command, refusal) => {
    const { prefix, name, image } = get();
    const address: Record<string, string> = {
      vip: `${prefix}10`,
      member: `${prefix}11`,
      voter: `${prefix}31`,
      s3: `${prefix}41`,
    };
    const filled = command.replaceAll(/\{(\w+)\}/g, (whole, name: string) => address[name] ?? whole);
    const { output } = await from(name, image, filled);
    expect(output).toMatch(refusal);
  });

  function psql(user: string, database: string, mode = "require", host = "{member}", port = 5432): string {
    const url = `host=${host} port=${port} user=${user} dbname=${database} sslmode=${mode} connect_timeout=5`;
    return `psql --no-password "${url}" -c 'select 1'`;
  }
}
