import * as pulumi from "@pulumi/pulumi";
import { containerPaths } from "../../cluster/index.ts";
import type { BucketServerPlan, Part, StoreKey } from "../platform.ts";
import type { DockerZone } from "./zone.ts";

/** The stack's own S3 server, with the buckets on a volume. */
export function makeBucketServer(zone: DockerZone, plan: BucketServerPlan, key: StoreKey): Part {
  const volume = zone.volume(plan, "s3");
  return zone.container(plan, "s3", {
    envs: [
      pulumi.interpolate`MINIO_ROOT_USER=${key.accessKey}`,
      pulumi.interpolate`MINIO_ROOT_PASSWORD=${key.secretKey}`,
    ],
    volumes: [{ volumeName: volume.name, containerPath: containerPaths.s3Data }],
    destroyGraceSeconds: 10,
  });
}
