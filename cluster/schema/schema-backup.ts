import { imageName, mapping, quantity, text, wholeNumber } from "./schema-fields.ts";
import { bucketName, bucketRegion, s3Authority, s3Endpoint } from "./schema-store.ts";

const cronField = "[0-9*][0-9*/,-]*";

/** A second place for the same, which outlives the first. */
const second = mapping({
  bucket: bucketName("Rename it, or remove the key for the name of backup.bucket.")
    .optional()
    .meta({ description: "Bucket that WAL and base backups are copied to", standard: "backup.bucket" }),
  endpoint: s3Endpoint()
    .optional()
    .meta({ description: "The S3 endpoint that it is at", standard: "backup.endpoint" }),
  ca: s3Authority("backup.second.ca").optional().meta({
    description: "The authority that has signed the certificate of backup.second.endpoint",
    standard: "backup.ca at backup.endpoint; else those that everybody knows",
  }),
  region: bucketRegion().optional().meta({ description: "Region of that bucket", standard: "backup.region" }),
});

/** Where WAL and base backups go, when, and for how long. */
export const backup = mapping({
  bucket: bucketName("Rename it, or remove the key for <name>-wal.")
    .optional()
    .meta({ description: "Bucket for WAL and base backups", standard: "<name>-wal" }),
  endpoint: s3Endpoint()
    .optional()
    .meta({ description: "An S3 endpoint of your own", standard: "none: the stack runs an S3 server" }),
  ca: s3Authority("backup.ca").optional().meta({
    description: "The authority that has signed the certificate of backup.endpoint",
    standard: "none: those that everybody knows",
  }),
  region: bucketRegion().default("us-east-1").meta({ description: "Region of the bucket" }),
  second: second.optional().meta({ description: "A second place for the same, which outlives the first" }),
  schedule: text(
    new RegExp(`^${cronField}( ${cronField}){4}$`),
    "must be a cron line of five fields, of digits and * / , -",
    'Write for example "0 1 * * *": every day at 01:00 UTC.',
  )
    .default("0 1 * * *")
    .meta({ description: "When base backups are made: a cron line, UTC" }),
  retainDays: wholeNumber(2, 3650, "Set backup.retainDays to 14, or to what you need within that range.")
    .default(14)
    .meta({ description: "How many days back a restore can go" }),
  archiveTimeout: quantity("s", "10s", "1h", "Write for example archiveTimeout: 60s.")
    .default("60s")
    .meta({ description: "The longest that a commit waits for its WAL to be archived" }),
  image: imageName()
    .optional()
    .meta({ description: "Image of the S3 server", standard: "pulumi-spilo/s3:1" }),
});
