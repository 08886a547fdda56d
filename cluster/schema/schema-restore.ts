import { isoTime } from "../restore/iso-time.ts";
import { mapping, say, text, yesOrNo } from "./schema-fields.ts";
import { bucketName, bucketRegion, s3Authority, s3Endpoint } from "./schema-store.ts";

const timeWithZone = "must be a time with a zone, such as 2026-03-01T12:00:00Z";

/** The archive that a new cluster is made from, and up to where. */
export const restoreFrom = mapping({
  cluster: clusterName("Write the name of the cluster whose backups are to be restored.").meta({
    description: "Whose backups the cluster is made from, when it is made",
  }),
  incarnation: incarnation("Write the one that `spiloctl restore --list` names, or remove the key.").meta({
    description: "Which life of that cluster; each has a prefix of its own in the bucket",
    standard: "the one that reaches there, or the only one",
  }),
  time: text(
    // Without quotes, YAML has times of its own, which Pulumi hands on with a blank and the zone's name.
    /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)? ?(Z|[+-]\d\d(:?\d\d)?)( [A-Z+-][A-Z0-9]*)?$/,
    timeWithZone,
    'Write for example time: "2026-03-01T12:00:00Z".',
  )
    .refine(
      (written) => !Number.isNaN(Date.parse(isoTime(written))),
      say(timeWithZone, "There is no such day or hour: correct it."),
    )
    .optional()
    .meta({ description: "Commits up to then are in it", standard: "none" }),
  lsn: text(
    /^[0-9A-F]{1,8}\/[0-9A-F]{1,8}$/,
    "must be a WAL position such as 0/35290B60",
    "Write for example lsn: 0/35290B60.",
  )
    .optional()
    .meta({ description: "What was written before that position is in it", standard: "none" }),
  latest: yesOrNo("Write restoreFrom.latest: true.")
    .optional()
    .meta({ description: "All that is archived is in it", standard: "true without time and lsn" }),
  ...archivePlace("restoreFrom"),
});

/** The cluster that another one follows: where it streams from, and where its WAL is when that does not answer. */
export const standbyOf = mapping({
  cluster: clusterName("Write the name of the cluster that is to be followed.").meta({
    description: "What the cluster follows until it is promoted",
  }),
  host: text(
    /^(?=.{3,1000}$)[A-Za-z0-9.-]+(,[A-Za-z0-9.-]+)*:\d{1,5}$/,
    "must be host:port, or host,host:port",
    "Write the address of its endpoint, for example host: 10.1.0.10:5000.",
  )
    .optional()
    .meta({
      description: "Where it streams from: the other cluster's endpoint, which leads to whoever leads there",
      standard: "none: from the archive alone",
    }),
  incarnation: incarnation("Write the output incarnation of the other stack, or remove the key.").meta({
    description: "Which life of that cluster has the archive; with it, WAL is fetched from there as well",
    standard: "none: the archive is not read",
  }),
  ...archivePlace("standbyOf"),
});

function clusterName(remedy: string) {
  return text(
    /^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/,
    "must be the name of a cluster: 1 to 40 characters of a-z 0-9 -",
    remedy,
  );
}

function incarnation(remedy: string) {
  return text(/^[a-z0-9]{1,32}$/, "must be 1 to 32 characters of a-z and 0-9", remedy).optional();
}

/** Where the archive of another cluster is. */
function archivePlace(key: "restoreFrom" | "standbyOf") {
  return {
    bucket: bucketName("Write the name of the bucket that the backups are in.")
      .optional()
      .meta({
        description: "The bucket that the backups are in",
        standard: `backup.bucket where that is set and platform is docker, else <${key}.cluster>-wal`,
      }),
    endpoint: s3Endpoint().optional().meta({
      description: "The S3 endpoint that the bucket is at",
      standard: "backup.endpoint; on aws that of S3",
    }),
    ca: s3Authority(`${key}.ca`)
      .optional()
      .meta({
        description: `The authority that has signed the certificate of ${key}.endpoint`,
        standard: "backup.ca at backup.endpoint; else those that everybody knows",
      }),
    region: bucketRegion()
      .optional()
      .meta({ description: "Region of the bucket", standard: "backup.region" }),
  };
}
