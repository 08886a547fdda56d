/**
 * Where things are inside the containers: what templates name and components mount are the same paths.
 */
export const containerPaths = {
  /** Spilo's volume: PGROOT and PGDATA are below it. */
  memberData: "/home/postgres/pgdata",
  /** etcd's volume. */
  voterData: "/var/lib/etcd",
  /** etcd's configuration, given by `--config-file`. */
  voterConfig: "/etc/identity/etcd.yml",
  /** HAProxy's configuration; our image has links from the usual places to this one and the next three. */
  proxyConfig: "/etc/identity/haproxy.cfg",
  /** HAProxy's runtime and statistics socket; there is no TCP one. */
  proxySocket: "/run/haproxy/admin.sock",
  /** keepalived's configuration; its presence is what starts it. */
  keepalivedConfig: "/etc/identity/keepalived.conf",
  /** Written by the proxy's container: the interface that its address is on. */
  keepalivedInterface: "/run/keepalived-interface.conf",
  /** Written by the proxy's container: 0 while its HAProxy serves, 1 otherwise. */
  haproxyDown: "/run/haproxy-down",
  /** Ends with 0 when HAProxy answers on its socket. */
  haproxyAnswers: "/usr/local/bin/haproxy-answers",
  /** PgBouncer's configuration; its presence is what starts it. */
  poolerConfig: "/etc/identity/pgbouncer.ini",
  /** PgBouncer's list of users. */
  poolerUsers: "/etc/identity/userlist.txt",
  /** Where PgBouncer's user has its own copies, and its socket. */
  poolerRun: "/run/pgbouncer",
  /** The S3 server's volume. */
  s3Data: "/data",
  /**
   * A part's certificate, its key, and whom it trusts (`identityFiles`), with its configuration: a volume of its own,
   * which the container cannot write.
   */
  identity: "/etc/identity",
  /** Has the programs of a proxy take up the certificates that are in its identity now. */
  takeCertificates: "/usr/local/bin/take-certificates",
} as const;

/** The files of a part's identity. Which of them a part has follows from what its programs look for. */
export const identityFiles = {
  /** The authorities that are trusted, one after the other. */
  ca: "ca.crt",
  certificate: "tls.crt",
  key: "tls.key",
  /** Certificate and key in one file, as HAProxy takes them. */
  pair: "tls.pem",
  /** MinIO's own names. */
  s3Certificate: "public.crt",
  s3Key: "private.key",
  /** MinIO's password. */
  s3Password: "root-password",
  /** At a member: the authority that has signed the certificate of the archive's server. */
  s3Ca: "s3-ca.crt",
  /** At a member: brings WAL from the archive. */
  restoreWal: "restore-wal",
  /** At a member of a cluster that is made from an archive: reads that archive. */
  fromOrigin: "from-origin",
  /** What it takes to get in there, its key included. */
  originEnv: "origin.env",
  /** The authority that has signed the certificate of that archive's server. */
  originCa: "origin-ca.crt",
  /** At a member of a cluster with a second bucket: copies what is archived there. */
  copyArchive: "copy-archive",
  /** What it takes to get in there, its key included. */
  secondEnv: "second.env",
  /** The authority that has signed the certificate of that bucket's server. */
  secondCa: "second-ca.crt",
} as const;

/** Where a container has a file of its identity. */
export function identityPath(file: keyof typeof identityFiles): string {
  return `${containerPaths.identity}/${identityFiles[file]}`;
}
