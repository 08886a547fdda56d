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
  /** keepalived's configuration; its presence is what starts it. */
  keepalivedConfig: "/etc/keepalived/keepalived.conf",
  /** Written by the proxy's container: the interface that its address is on. */
  keepalivedInterface: "/run/keepalived-interface.conf",
  /** Written by the proxy's container: 0 while its HAProxy serves, 1 otherwise. */
  haproxyDown: "/run/haproxy-down",
  /** Ends with 0 when HAProxy answers on its socket. */
  haproxyAnswers: "/usr/local/bin/haproxy-answers",
  /** PgBouncer's configuration; its presence is what starts it. Certificates are taken from the same folder. */
  poolerConfig: "/etc/pgbouncer/pgbouncer.ini",
  /** PgBouncer's list of users. */
  poolerUsers: "/etc/pgbouncer/userlist.txt",
  /** Where PgBouncer's user has its own copies, and its socket. */
  poolerRun: "/run/pgbouncer",
  /** The S3 server's volume. */
  s3Data: "/data",
} as const;
