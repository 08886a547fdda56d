import { execa } from "execa";
import { issueCertificate, makeAuthority } from "../../actions/certificates/certificates.ts";
import { docker, environment, eventually, makeStage, owners } from "../images/stage.ts";

/** What is left of a cluster that was taken down. */
interface Kept {
  readonly volume: string;
  readonly bucket: string;
  readonly prefix: string;
  readonly images: { readonly spilo: string; readonly s3: string };
}

const data = "/tmp/restored";
const key = { user: "restorer", password: "long-enough-for-minio" };

/**
 * Restores from the volume of an S3 server whose stack is gone, as docs/teardown.md says: by a server started on it, with
 * a key and a certificate of their own, and a PostgreSQL without Patroni.
 *
 * @returns what the query says when recovery has ended.
 */
export async function queryRestored(kept: Kept, database: string, query: string): Promise<string> {
  const stage = await makeStage("guard-restore");
  try {
    const ca = await startStore(stage, kept);
    await stage.start(
      "server",
      kept.images.spilo,
      [
        ...(await stage.identity("server", { "s3-ca.crt": { content: ca, mode: 0o644 } })),
        ...["--entrypoint", "sleep", "--user", "postgres"],
        ...environment({
          WALG_S3_PREFIX: `s3://${kept.bucket}/${kept.prefix}`,
          WALG_S3_CA_CERT_FILE: "/etc/identity/s3-ca.crt",
          AWS_ENDPOINT: `https://${stage.nameOf("s3")}:9000`,
          AWS_REGION: "us-east-1",
          AWS_S3_FORCE_PATH_STYLE: "true",
          AWS_ACCESS_KEY_ID: key.user,
          AWS_SECRET_ACCESS_KEY: key.password,
        }),
      ],
      ["infinity"],
    );
    const exec = (...command: string[]) => stage.exec("server", command);
    await exec("wal-g", "backup-fetch", data, "LATEST");
    await stage.exec("server", ["sh", "-c", `cat >>${data}/postgresql.auto.conf`], settings);
    await exec("touch", `${data}/recovery.signal`);
    await exec("pg_ctl", "-D", data, "-s", "-w", "-t", "120", "-l", `${data}.log`, "start").catch(
      async (error: Error) => {
        throw new Error(`${error.message}\n${await exec("tail", "-n", "20", `${data}.log`)}`);
      },
    );
    const psql = (sql: string) => exec("psql", "-XAtq", "-h", "/tmp", "-d", database, "-c", sql);
    await eventually("recovery has ended", 60_000, async () => {
      const answer = await psql("SELECT pg_is_in_recovery()").catch(() => "it does not answer");
      return answer === "f" ? true : undefined;
    });
    return await psql(query);
  } finally {
    await stage.remove();
  }
}

/** Of a server by itself: it archives nothing, and nobody reaches it from outside. Patroni names files by their full paths. */
const settings = `
restore_command = 'wal-g wal-fetch "%f" "%p"'
archive_mode = off
hba_file = '${data}/pg_hba.conf'
hot_standby = off
ident_file = '${data}/pg_ident.conf'
listen_addresses = ''
logging_collector = off
shared_preload_libraries = ''
ssl = off
unix_socket_directories = '/tmp'
`;

/** @returns PEM that its certificate is checked with. */
async function startStore(stage: Awaited<ReturnType<typeof makeStage>>, kept: Kept): Promise<string> {
  const now = new Date();
  const authority = await makeAuthority({ commonName: "restore", years: 1, now });
  const name = stage.nameOf("s3");
  const common = { authority, commonName: name, dnsNames: [name], addresses: [], days: 2, now };
  const served = await issueCertificate({ ...common, uses: ["server"] });
  const files = {
    "public.crt": { content: served.certificate, mode: 0o644 },
    "private.key": { content: served.privateKey },
  };
  await stage.start("s3", kept.images.s3, [
    ...(await stage.identity("s3", files, owners.minio)),
    ...["--volume", `${kept.volume}:/data`],
    ...environment({ MINIO_ROOT_USER: key.user, MINIO_ROOT_PASSWORD: key.password }),
  ]);
  return authority.certificate;
}

/** The names of the images that these containers were made from. */
export async function imageOf(container: string): Promise<string> {
  return await docker(["inspect", "--format", "{{.Image}}", container]);
}

export async function removeVolumes(names: readonly string[]): Promise<void> {
  await execa("docker", ["volume", "rm", ...names]);
}
