/**
 * Where things are inside the containers: what templates name and components mount are the same paths.
 */
export const containerPaths = {
  /** Spilo's volume: PGROOT and PGDATA are below it. */
  memberData: "/home/postgres/pgdata",
  /** etcd's volume. */
  voterData: "/var/lib/etcd",
  /** etcd's configuration, given by `--config-file`. */
  voterConfig: "/etc/etcd/etcd.yml",
  /** HAProxy's configuration, the path that Debian's package and our image start it with. */
  proxyConfig: "/etc/haproxy/haproxy.cfg",
  /** HAProxy's runtime and statistics socket; there is no TCP one. */
  proxySocket: "/run/haproxy/admin.sock",
  /** The S3 server's volume. */
  s3Data: "/data",
} as const;
