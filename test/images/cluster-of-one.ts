import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { environment, eventually, makeStage, ready, type Stage } from "./stage.ts";

/** The passwords of a test's member; none may appear where others read. */
export const secrets = {
  superuser: "superuser-b5c1",
  standby: "standby-77e0",
  rest: "rest-0d4f",
  s3: "s3-secret-19aa",
} as const;

/** A member with its own etcd and S3 server. */
export interface ClusterOfOne {
  readonly stage: Stage;
  /** The member's REST API. */
  readonly rest: string;
  /** Runs SQL on the member and gives unaligned rows. */
  sql(statement: string): Promise<string>;
  /** Runs a command with the archive's variables. */
  archiver(...command: readonly string[]): Promise<string>;
}

const configuration = {
  restapi: { authentication: { username: "operator", password: secrets.rest } },
  postgresql: { parameters: { "bg_mon.listen_address": "127.0.0.1" } },
};

/** Starts a member and waits until it leads. Patroni's version is the image's default unless given. */
export async function startClusterOfOne(topic: string, patroniVersion?: string): Promise<ClusterOfOne> {
  const spilo = await ready("spilo", patroniVersion ? { patroniVersion } : {});
  const [etcd, s3] = [await ready("etcd"), await ready("s3")];
  const stage = await makeStage(topic);
  try {
    await startStores(stage, etcd, s3);
    const address = await stage.start("member", spilo, [
      "--memory",
      "1g",
      ...environment(memberVariables(stage)),
    ]);
    const rest = `http://${address}:8008`;
    await eventually("the member leads", 30_000, () => answers(`${rest}/primary`));
    return {
      stage,
      rest,
      sql: (statement) => stage.exec("member", ["psql", "-XAtq", "-v", "ON_ERROR_STOP=1"], statement),
      archiver: (...command) => stage.exec("member", ["envdir", "/run/etc/wal-e.d/env", ...command]),
    };
  } catch (error) {
    await stage.remove();
    throw error;
  }
}

/** True once an address answers 200; undefined before, so that one can wait for it. */
export async function answers(url: string): Promise<true | undefined> {
  const response = await fetch(url, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined);
  return response?.status === 200 ? true : undefined;
}

async function startStores(stage: Stage, etcd: string, s3: string): Promise<void> {
  const client = `http://${stage.nameOf("etcd")}:2379`;
  const listen = ["--listen-client-urls", "http://0.0.0.0:2379", "--advertise-client-urls", client];
  await stage.start("etcd", etcd, [], ["/usr/local/bin/etcd", ...listen]);
  const keys = environment({ MINIO_ROOT_USER: "archiver", MINIO_ROOT_PASSWORD: secrets.s3 });
  const endpoint = `http://${await stage.start("s3", s3, keys)}:9000`;
  await eventually("the S3 server answers", 15_000, () => answers(`${endpoint}/minio/health/live`));
  const credentials = { accessKeyId: "archiver", secretAccessKey: secrets.s3 };
  const buckets = new S3Client({ endpoint, region: "us-east-1", forcePathStyle: true, credentials });
  await buckets.send(new CreateBucketCommand({ Bucket: "wal" }));
  buckets.destroy();
}

function memberVariables(stage: Stage): Record<string, string> {
  return {
    SPILO_PROVIDER: "local",
    SCOPE: "one",
    PGVERSION: "17",
    ETCD3_HOSTS: `"${stage.nameOf("etcd")}:2379"`,
    RESTAPI_CONNECT_ADDRESS: `${stage.nameOf("member")}:8008`,
    PG_CONNECT_ADDRESS: `${stage.nameOf("member")}:5432`,
    PGPASSWORD_SUPERUSER: secrets.superuser,
    PGPASSWORD_STANDBY: secrets.standby,
    WAL_S3_BUCKET: "wal",
    AWS_ENDPOINT: `http://${stage.nameOf("s3")}:9000`,
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "archiver",
    AWS_SECRET_ACCESS_KEY: secrets.s3,
    USE_WALG_BACKUP: "true",
    // Must not reach the daemon: Spilo clears it.
    PATRONI_SCOPE: "another",
    SPILO_CONFIGURATION: JSON.stringify(configuration),
  };
}
