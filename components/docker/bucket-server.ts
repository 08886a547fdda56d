import * as pulumi from "@pulumi/pulumi";
import { containerPaths, identityFiles } from "../../cluster/index.ts";
import type { IdentityFiles } from "../identity.ts";
import type { BucketServerPlan, Part } from "../platform.ts";
import type { DockerZone } from "./zone.ts";

/** The stack's own S3 server, with the buckets on a volume. Its password is among the files of its identity. */
export function makeBucketServer(
  zone: DockerZone,
  plan: BucketServerPlan,
  user: pulumi.Input<string>,
  files: IdentityFiles,
): Part {
  const volume = zone.volume(plan, "s3");
  const served = [{ ...plan.listen, protocol: "tls" as const }];
  const reload = { container: plan.name, user: "minio", command: ["sh", "-c", "kill -HUP 1"] };
  return zone.container(
    plan,
    "s3",
    { files, owner: "minio", served, reload },
    {
      envs: [
        pulumi.interpolate`MINIO_ROOT_USER=${user}`,
        `MINIO_ROOT_PASSWORD_FILE=${containerPaths.identity}/${identityFiles.s3Password}`,
      ],
      volumes: [{ volumeName: volume.name, containerPath: containerPaths.s3Data }],
      readOnly: true,
      tmpfs: { "/tmp": "mode=1777" },
      capabilities: { drops: ["ALL"] },
      destroyGraceSeconds: 10,
    },
  );
}
