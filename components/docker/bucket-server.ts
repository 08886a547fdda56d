import * as pulumi from "@pulumi/pulumi";
import { type BucketServerPlan, containerPaths, identityFiles } from "../../cluster/index.ts";
import type { IdentityFiles } from "../identity.ts";
import type { BucketServer } from "../platform.ts";
import type { DockerZone } from "./zone.ts";

/** The stack's own S3 server, with the buckets on a volume. Its password is among the files of its identity. */
export function makeBucketServer(
  zone: DockerZone,
  plan: BucketServerPlan,
  user: pulumi.Input<string>,
  files: IdentityFiles,
): BucketServer {
  const volume = zone.volume(plan, "s3");
  const served = [{ ...plan.listen, protocol: "tls" as const }];
  const reload = { container: plan.name, user: "minio", command: ["sh", "-c", "kill -HUP 1"] };
  const part = zone.container(
    plan,
    "s3",
    { files, owner: "minio", served, reload },
    {
      envs: [
        pulumi.interpolate`MINIO_ROOT_USER=${user}`,
        `MINIO_ROOT_PASSWORD_FILE=${containerPaths.identity}/${identityFiles.s3Password}`,
      ],
      ...commandFor(plan.listen.port),
      volumes: [{ volumeName: volume.name, containerPath: containerPaths.s3Data }],
      readOnly: true,
      tmpfs: { "/tmp": "mode=1777" },
      capabilities: { drops: ["ALL"] },
      destroyGraceSeconds: 10,
    },
  );
  return { ...part, data: volume.name };
}

/** The image listens at 9000; on a host's network that may be somebody else's. */
function commandFor(port: number): { readonly command?: string[] } {
  if (port === 9000) return {};
  const listen = ["--address", `:${port}`, "--certs-dir", containerPaths.identity];
  return { command: ["minio", "server", containerPaths.s3Data, ...listen] };
}
