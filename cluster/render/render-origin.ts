import { archivePrefix } from "../incarnation.ts";
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

/** Where one life of a cluster is archived. */
export type ArchivedCluster = Pick<
  Origin,
  "bucket" | "endpoint" | "region" | "cluster" | "incarnation" | "postgresqlVersion"
>;

/** What that program is told of the archive. It holds the key: treat it as a secret. */
export function renderOriginEnv(
  origin: ArchivedCluster,
  { accessKey, secretKey }: { readonly accessKey: string; readonly secretKey: string },
  hasCa: boolean,
): string {
  const { bucket, endpoint, region, cluster, incarnation, postgresqlVersion } = origin;
  const prefix = archivePrefix({ cluster, postgresqlVersion }, incarnation);
  const caFile = hasCa && identityPath("originCa");
  return originEnv({ bucket, prefix, endpoint, region, caFile, accessKey, secretKey });
}

const originEnv = template<{
  readonly bucket: string;
  readonly prefix: string;
  readonly endpoint: string;
  readonly region: string;
  readonly caFile: string | false;
  readonly accessKey: string;
  readonly secretKey: string;
}>("origin.env.hbs");
