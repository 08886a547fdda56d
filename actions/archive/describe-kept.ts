interface KeptBackups {
  readonly cluster: string;
  /** The real name of the volume that the S3 server's buckets are on. */
  readonly volume: string;
  readonly engine: string;
  /** Of the S3 server. */
  readonly image: string;
  readonly bucket: string;
  readonly prefix: string;
}

/** Where the backups of a cluster are when all of it is gone, and how they are read: for the end of a destroy. */
export function describeKept({ cluster, volume, engine, image, bucket, prefix }: KeptBackups): string {
  return (
    `the backups of ${cluster} stay: volume ${volume} on ${engine}, bucket ${bucket}, prefix ${prefix}. ` +
    `To restore, start ${image} on that volume (docs/teardown.md has the commands); ` +
    `\`docker volume rm ${volume}\` removes them`
  );
}
