import { randomBytes } from "node:crypto";
import { execa } from "execa";
import { type ObjectStore, objectStore } from "../../actions/object-store.ts";
import { waitFor } from "../../actions/wait.ts";
import { makeAuthority } from "../../toolchain/zones/authority.ts";
import { makeStage, owners, ready } from "../images/stage.ts";

/** An S3 server that is no cluster's, and outlives them. */
export interface S3Server {
  /** What a specification says of it, but for the bucket. */
  readonly backup: { readonly endpoint: string; readonly ca: string };
  /** What a stack's configuration says of it beside the specification. */
  readonly configuration: Readonly<Record<string, string>>;
  open(): Promise<ObjectStore>;
  /** It is not there for a while; what it holds stays. */
  stop(): Promise<void>;
  start(): Promise<void>;
  /** With what it holds. */
  remove(): Promise<void>;
}

/** On the host's network: what the members of every cluster reach, whose networks do not reach each other. */
export async function startS3Server(topic: string, port: number): Promise<S3Server> {
  const stage = await makeStage(topic);
  const name = stage.nameOf("s3");
  let isThere = true;
  const remove = async () => {
    if (!isThere) return;
    isThere = false;
    await execa("docker", ["rm", "--force", "--volumes", name], { reject: false });
    await stage.remove();
  };
  try {
    const format = "{{(index .IPAM.Config 0).Gateway}}";
    const { stdout: host } = await execa("docker", ["network", "inspect", "bridge", "--format", format]);
    // Long enough for `status` to find nothing amiss.
    const expires = new Date(Date.now() + 60 * 24 * 3_600_000);
    const authority = await makeAuthority(topic, expires);
    const { certificate, privateKey } = await authority.issue({ unit: "s3", addresses: [host], expires });
    const secretKey = randomBytes(12).toString("hex");
    const files = {
      "public.crt": { content: certificate, mode: 0o644 },
      "private.key": { content: privateKey },
      "root-password": { content: secretKey },
    };
    await execa("docker", [
      ...[
        "run",
        "--detach",
        "--name",
        name,
        "--network",
        "host",
        "--volume",
        `${await stage.volume("s3")}:/data`,
      ],
      ...(await stage.identity("s3", files, owners.minio)),
      ...[
        "--env",
        "MINIO_ROOT_USER=archiver",
        "--env",
        "MINIO_ROOT_PASSWORD_FILE=/etc/identity/root-password",
      ],
      await ready("s3"),
      ...["minio", "server", "/data", "--address", `${host}:${port}`, "--certs-dir", "/etc/identity"],
    ]);
    const endpoint = `https://${host}:${port}`;
    const ca = authority.certificate;
    const open = () => objectStore({ endpoint, ca, region: "us-east-1", accessKey: "archiver", secretKey });
    await waitFor({ what: "the S3 server answers", deadlineMs: 20_000 }, async () => {
      await stillRuns(name);
      const store = await open();
      try {
        await store.makeBucket("answers");
        return { found: true };
      } finally {
        store.close();
      }
    });
    const configuration = { "spilo:s3AccessKey": "archiver", "spilo:s3SecretKey": secretKey };
    const stop = async () => void (await execa("docker", ["stop", "--time", "1", name]));
    const start = async () => void (await execa("docker", ["start", name]));
    return { backup: { endpoint, ca }, configuration, open, stop, start, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Somebody else may answer at the address of a server that could not take it: what that one says tells nothing. */
async function stillRuns(container: string): Promise<void> {
  const inspect = ["inspect", "--format", "{{.State.Running}}", container];
  if ((await execa("docker", inspect)).stdout === "true") return;
  const { all } = await execa("docker", ["logs", container], { all: true });
  throw new Error(`the S3 server has ended: ${all}`);
}
