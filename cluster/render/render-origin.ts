import { archivePrefix, type Incarnation } from "../incarnation.ts";
import type { BucketPlan, ClusterPlan } from "../plan-types.ts";
import type { Origin } from "../restore/origin.ts";
import { identityPath } from "./container-paths.ts";
import { asItIs, template } from "./template.ts";

/** What SPILO_CONFIGURATION says of the archive that a cluster begins from. */
export interface OriginView {
  readonly command: string;
  readonly restoreCommand: string;
  readonly time: string | false;
  readonly lsn: string | false;
}

export function originView({ target, backupBefore }: Origin): OriginView {
  const time = target.kind === "time" && target.time;
  const before = time || (backupBefore ?? "");
  const program = `bash ${identityPath("fromOrigin")}`;
  return {
    command: `${program} base${before === "" ? "" : ` --recovery-target-time="${before}"`}`,
    restoreCommand: `${program} wal "%f" "%p"`,
    time,
    lsn: target.kind === "lsn" && target.lsn,
  };
}

/** The program that reads the archive that a cluster begins from, or follows. */
export const fromOrigin = asItIs("from-origin.sh");

/** What opens an S3 server. */
interface StoreSecrets {
  readonly accessKey: string;
  readonly secretKey: string;
}

/** Where one life of a cluster is archived. */
export type ArchivedCluster = Pick<
  Origin,
  "bucket" | "endpoint" | "region" | "cluster" | "incarnation" | "postgresqlVersion"
>;

/**
 * What that program is told of the archive. It holds the key: treat it as a secret.
 *
 * @param key empty: the machine is let in by what it is.
 */
export function renderOriginEnv(origin: ArchivedCluster, key: StoreSecrets, hasCa: boolean): string {
  const { bucket, endpoint, region, cluster, incarnation, postgresqlVersion } = origin;
  const prefix = archivePrefix({ cluster, postgresqlVersion }, incarnation);
  const caFile = hasCa && identityPath("originCa");
  return otherArchive({ bucket, prefix, endpoint, region, caFile, ...key });
}

/** The program that copies what is archived to the second bucket. */
export const copyArchive = asItIs("copy-archive.py");

/** What that program is told of the second bucket. It holds the key: treat it as a secret. */
export function renderSecondEnv(
  plan: ClusterPlan,
  { bucket, endpoint, region, ca }: BucketPlan,
  incarnation: Incarnation,
  key: StoreSecrets,
): string {
  const prefix = archivePrefix(plan, incarnation);
  const caFile = ca !== undefined && identityPath("secondCa");
  return otherArchive({ bucket, prefix, endpoint, region, caFile, ...key });
}

const otherArchive = template<{
  readonly bucket: string;
  readonly prefix: string;
  readonly endpoint: string;
  readonly region: string;
  readonly caFile: string | false;
  readonly accessKey: string;
  readonly secretKey: string;
}>("other-archive.env.hbs");
