import { Agent as HttpsAgent } from "node:https";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { Agent, fetch as fetchWith, type RequestInit, type Response } from "undici";
import { type Authority, makeAuthority } from "../../toolchain/zones/authority.ts";
import { hardened } from "./hardened.ts";
import {
  docker,
  environment,
  eventually,
  type FileInVolume,
  identityFiles,
  makeStage,
  owners,
  ready,
  type Stage,
} from "./stage.ts";

/** The passwords of a test's member; none may appear where others read. */
export const secrets = {
  superuser: "superuser-b5c1",
  standby: "standby-77e0",
  rest: "rest-0d4f",
  s3: "s3-secret-19aa",
  etcd: "etcd-83d2",
} as const;

/** A member with its own etcd and S3 server. All of them talk by TLS, and show each other certificates. */
export interface ClusterOfOne {
  readonly stage: Stage;
  /** The member's address. */
  readonly address: string;
  /** Asks the member's REST API, with a certificate. */
  ask(path: string, request?: RequestInit): Promise<Response>;
  /** Runs SQL on the member and gives unaligned rows. */
  sql(statement: string): Promise<string>;
  /** Runs a command with the archive's variables. */
  archiver(...command: readonly string[]): Promise<string>;
  /** Gives the member another certificate. It is taken up when Patroni is told to. */
  renew(unit: string): Promise<void>;
}

/** Starts a member and waits until it leads. Patroni's version is the image's default unless given. */
export async function startClusterOfOne(topic: string, patroniVersion?: string): Promise<ClusterOfOne> {
  const spilo = await ready("spilo", patroniVersion ? { patroniVersion } : {});
  const stage = await makeStage(topic);
  try {
    const authority = await makeAuthority("cluster");
    await startEtcd(stage, authority);
    await startS3(stage, authority);
    const renew = async (unit: string) =>
      void (await stage.identity("member", await memberFiles(stage, authority, unit), owners.postgres));
    await renew("member");
    const address = await stage.start("member", spilo, [
      ...["--memory", "1g", ...hardened.spilo],
      ...(await stage.identity("member", {}, owners.postgres)),
      ...environment(memberVariables(stage)),
    ]);
    const ask = await asker(authority, `https://${address}:8008`);
    await eventually("the member leads", 30_000, () => leads({ ask }));
    return {
      stage,
      address,
      ask,
      renew,
      sql: (statement) => stage.exec("member", ["psql", "-XAtq", "-v", "ON_ERROR_STOP=1"], statement),
      archiver: (...command) => stage.exec("member", ["envdir", "/run/etc/wal-e.d/env", ...command]),
    };
  } catch (error) {
    await stage.remove();
    throw error;
  }
}

/** True once the member leads; undefined before, so that one can wait for it. */
export async function leads(member: Pick<ClusterOfOne, "ask">): Promise<true | undefined> {
  const response = await member.ask("/primary").catch(() => undefined);
  return response?.status === 200 || undefined;
}

async function asker(authority: Authority, url: string): Promise<ClusterOfOne["ask"]> {
  const { certificate: cert, privateKey: key } = await authority.issue({ unit: "operator" });
  // Its address is not known before it starts, and so not in its certificate.
  const checkServerIdentity = () => undefined;
  const dispatcher = new Agent({ connect: { ca: authority.certificate, cert, key, checkServerIdentity } });
  return (path, request = {}) =>
    fetchWith(`${url}${path}`, { signal: AbortSignal.timeout(2_000), dispatcher, ...request });
}

/** Nobody reads or writes in it without a certificate and a password. */
async function startEtcd(stage: Stage, authority: Authority): Promise<void> {
  const name = stage.nameOf("etcd");
  const issued = await authority.issue({ unit: "voter", dnsNames: [name] });
  const identity = await stage.identity("etcd", identityFiles(authority, issued));
  const client = `https://${name}:2379`;
  const listen = ["--listen-client-urls", "https://0.0.0.0:2379", "--advertise-client-urls", client];
  const files = ["--cert-file=/etc/identity/tls.crt", "--key-file=/etc/identity/tls.key"];
  const clients = ["--client-cert-auth", "--trusted-ca-file=/etc/identity/ca.crt"];
  const options = [...hardened.etcd, "--volume", `${await stage.volume("etcd")}:/var/lib/etcd`, ...identity];
  await stage.start("etcd", await ready("etcd"), options, [
    ...["/usr/local/bin/etcd", "--data-dir=/var/lib/etcd", ...listen, ...files, ...clients],
  ]);
  const script = `
    export ETCDCTL_ENDPOINTS=${client} ETCDCTL_CACERT=/etc/identity/ca.crt
    export ETCDCTL_CERT=/etc/identity/tls.crt ETCDCTL_KEY=/etc/identity/tls.key
    until etcdctl endpoint health >/dev/null 2>&1; do sleep 0.2; done
    etcdctl user add root:${secrets.etcd} && etcdctl user grant-role root root
    etcdctl user add patroni:${secrets.etcd} && etcdctl role add patroni
    etcdctl role grant-permission patroni readwrite --prefix=true /service/
    etcdctl user grant-role patroni patroni && etcdctl auth enable`;
  await docker(["exec", name, "timeout", "20", "bash", "-c", script]);
}

async function startS3(stage: Stage, authority: Authority): Promise<void> {
  const issued = await authority.issue({ unit: "s3", dnsNames: [stage.nameOf("s3")] });
  const files = {
    "public.crt": { content: issued.certificate, mode: 0o644 },
    "private.key": { content: issued.privateKey },
    "root-password": { content: secrets.s3 },
  };
  const address = await stage.start("s3", await ready("s3"), [
    ...hardened.s3,
    ...[
      "--volume",
      `${await stage.volume("s3")}:/data`,
      ...(await stage.identity("s3", files, owners.minio)),
    ],
    ...environment({ MINIO_ROOT_USER: "archiver", MINIO_ROOT_PASSWORD_FILE: "/etc/identity/root-password" }),
  ]);
  const buckets = new S3Client({
    endpoint: `https://${address}:9000`,
    region: "us-east-1",
    forcePathStyle: true,
    credentials: { accessKeyId: "archiver", secretAccessKey: secrets.s3 },
    requestHandler: {
      httpsAgent: new HttpsAgent({ ca: authority.certificate, checkServerIdentity: () => undefined }),
    },
  });
  await eventually("the S3 server makes a bucket", 15_000, () =>
    buckets.send(new CreateBucketCommand({ Bucket: "wal" })).catch(() => undefined),
  );
  buckets.destroy();
}

async function memberFiles(
  stage: Stage,
  authority: Authority,
  unit: string,
): Promise<Record<string, FileInVolume>> {
  const issued = await authority.issue({ unit, dnsNames: [stage.nameOf("member")] });
  return {
    ...identityFiles(authority, issued),
    "s3-ca.crt": { content: authority.certificate, mode: 0o644 },
  };
}

const files = {
  ca: "/etc/identity/ca.crt",
  certificate: "/etc/identity/tls.crt",
  key: "/etc/identity/tls.key",
} as const;

const configuration = {
  restapi: {
    verify_client: "required",
    authentication: { username: "operator", password: secrets.rest },
  },
  ctl: { cacert: files.ca, certfile: files.certificate, keyfile: files.key },
  postgresql: {
    authentication: { replication: { sslmode: "verify-full", sslrootcert: files.ca } },
    parameters: { "bg_mon.listen_address": "127.0.0.1" },
  },
};

function memberVariables(stage: Stage): Record<string, string> {
  return {
    SPILO_PROVIDER: "local",
    SCOPE: "one",
    PGVERSION: "17",
    ETCD3_HOSTS: `"${stage.nameOf("etcd")}:2379"`,
    ETCD3_PROTOCOL: "https",
    ETCD3_CACERT: files.ca,
    ETCD3_CERT: files.certificate,
    ETCD3_KEY: files.key,
    ETCD3_USERNAME: "patroni",
    ETCD3_PASSWORD: secrets.etcd,
    SSL_CA_FILE: files.ca,
    SSL_CERTIFICATE_FILE: files.certificate,
    SSL_PRIVATE_KEY_FILE: files.key,
    SSL_RESTAPI_CA_FILE: files.ca,
    SSL_RESTAPI_CERTIFICATE_FILE: files.certificate,
    SSL_RESTAPI_PRIVATE_KEY_FILE: files.key,
    RESTAPI_CONNECT_ADDRESS: `${stage.nameOf("member")}:8008`,
    PG_CONNECT_ADDRESS: `${stage.nameOf("member")}:5432`,
    PGPASSWORD_SUPERUSER: secrets.superuser,
    PGPASSWORD_STANDBY: secrets.standby,
    WAL_S3_BUCKET: "wal",
    AWS_ENDPOINT: `https://${stage.nameOf("s3")}:9000`,
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "archiver",
    AWS_SECRET_ACCESS_KEY: secrets.s3,
    USE_WALG_BACKUP: "true",
    WALG_S3_CA_CERT_FILE: "/etc/identity/s3-ca.crt",
    CRONTAB: JSON.stringify(["* * * * * touch /tmp/cron-ran"]),
    // Must not reach the daemon: Spilo clears it.
    PATRONI_SCOPE: "another",
    SPILO_CONFIGURATION: JSON.stringify(configuration),
  };
}
