import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Authority, type Issued, makeAuthority } from "../../toolchain/zones/authority.ts";
import { hardened } from "./hardened.ts";
import { docker, type FileInVolume, identityFiles, makeStage, owners, ready, type Stage } from "./stage.ts";

/** A server, somebody who is asked whether it leads, and the proxy before them. */
export interface Proxied {
  readonly stage: Stage;
  readonly authority: Authority;
  /** The proxy's own address, and the one that it takes. */
  readonly address: string;
  readonly virtualAddress: string;
  /** A certificate as the proxy's, told by its unit. */
  proxyCertificate(unit: string, expires?: Date): Promise<Issued>;
  /** Rewrites the proxy's files. */
  giveProxy(files: Readonly<Record<string, FileInVolume>>): Promise<void>;
}

export const login = { user: "app", password: "not-a-secret", database: "postgres" } as const;

/** All files that a certificate makes for a proxy. */
export function proxyFiles(authority: Pick<Authority, "certificate">, issued: Issued) {
  const pair = { content: issued.certificate + issued.privateKey };
  return { ...identityFiles(authority, issued), "tls.pem": pair };
}

/** Starts everything. A proxy's certificate is `first`. */
export async function startProxied(): Promise<Proxied> {
  const third = 1 + Math.floor(Math.random() * 250);
  const at = (last: number) => `10.213.${third}.${last}`;
  const stage = await makeStage("proxy", `${at(0)}/24`);
  try {
    const authority = await makeAuthority("cluster");
    await startServer(stage, authority);
    await startAsked(stage, authority);
    const proxied: Proxied = {
      stage,
      authority,
      address: at(20),
      virtualAddress: at(40),
      proxyCertificate: (unit, expires) =>
        authority.issue({ unit, addresses: [at(20), at(40)], ...(expires && { expires }) }),
      giveProxy: async (files) => void (await stage.identity("proxy", files)),
    };
    const files = {
      ...proxyFiles(authority, await proxied.proxyCertificate("first")),
      "haproxy.cfg": { content: haproxy(stage) },
      "keepalived.conf": { content: keepalived(proxied) },
      "pgbouncer.ini": { content: pgbouncer },
      "userlist.txt": { content: `"${login.user}" "${login.password}"\n` },
    };
    const identity = await stage.identity("proxy", files);
    const options = ["--ip", at(20), ...hardened.proxy, ...identity];
    await stage.start("proxy", await ready("proxy"), options);
    return proxied;
  } catch (error) {
    await stage.remove();
    throw error;
  }
}

/** The units of certificates that were shown to whoever is asked, in their order. */
export async function shown(stage: Stage): Promise<string[]> {
  return (await docker(["logs", stage.nameOf("asked")])).split("\n");
}

async function startServer(stage: Stage, authority: Authority): Promise<void> {
  const name = stage.nameOf("server");
  const files = identityFiles(authority, await authority.issue({ unit: "server", dnsNames: [name] }));
  const script = `
    initdb --pgdata /tmp/data --username postgres --auth-local peer --auth-host scram-sha-256 >/dev/null
    echo "hostssl all all all scram-sha-256" >>/tmp/data/pg_hba.conf
    postgres --single -D /tmp/data postgres <<<"CREATE ROLE ${login.user} LOGIN PASSWORD '${login.password}'"
    exec postgres -D /tmp/data -k /tmp -c listen_addresses=* -c ssl=on \
      -c ssl_cert_file=/etc/identity/tls.crt -c ssl_key_file=/etc/identity/tls.key`;
  const identity = await stage.identity("server", files, owners.postgres);
  await stage.start(
    "server",
    await ready("spilo"),
    ["--user", "postgres", ...identity],
    ["bash", "-c", script],
  );
}

async function startAsked(stage: Stage, authority: Authority): Promise<void> {
  const name = stage.nameOf("asked");
  const files = identityFiles(authority, await authority.issue({ unit: "asked", dnsNames: [name] }));
  const program = await readFile(join(import.meta.dirname, "asked-by.py"), "utf8");
  const paths = ["tls.crt", "tls.key", "ca.crt"].map((file) => `/etc/identity/${file}`);
  await stage.start("asked", await ready("probe"), await stage.identity("asked", files), [
    ...["python3", "-c", program, ...paths],
  ]);
}

/** Up to the first frontend. @param checks how servers are checked, for `default-server`. */
export function haproxyHead(checks: string): string {
  return `global
    master-worker
    user haproxy
    group haproxy
    stats socket /run/haproxy/admin.sock mode 600 level admin user haproxy group haproxy
    maxconn 200
defaults
    mode tcp
    timeout connect 3s
    timeout check 2s
    timeout client 1h
    timeout server 1h
    default-server ${checks}
    default-server check-ssl verify required ca-file /etc/identity/ca.crt crt /etc/identity/tls.pem`;
}

function haproxy(stage: Stage): string {
  return `
${haproxyHead("inter 500ms fall 2 rise 1 on-marked-down shutdown-sessions")}
frontend read_write
    bind *:5000
    default_backend leader
backend leader
    option httpchk OPTIONS /primary
    http-check expect status 200
    server one ${stage.nameOf("server")}:5432 check addr ${stage.nameOf("asked")} port 8008 verifyhost ${stage.nameOf("asked")}
`;
}

function keepalived({ address, virtualAddress }: Pick<Proxied, "address" | "virtualAddress">): string {
  return `
include /run/keepalived-interface.conf
global_defs {
    enable_script_security
    script_user haproxy
    dynamic_interfaces allow_if_changes
}
vrrp_script haproxy_answers {
    script /usr/local/bin/haproxy-answers
    interval 1
    timeout 1
    fall 2
    rise 1
    init_fail
}
track_file haproxy_down {
    file /run/haproxy-down
    weight 0
}
vrrp_instance endpoint {
    state BACKUP
    interface $INTERFACE
    virtual_router_id 51
    priority 100
    advert_int 1
    unicast_src_ip ${address}
    unicast_peer {
        ${address.replace(/\d+$/, "21")}
    }
    virtual_ipaddress {
        ${virtualAddress}/32
    }
    track_script {
        haproxy_answers
    }
    track_file {
        haproxy_down
    }
}
`;
}

const pgbouncer = `
[databases]
* = host=127.0.0.1 port=5000
[pgbouncer]
listen_addr = *
listen_port = 6432
unix_socket_dir = /run/pgbouncer
pool_mode = transaction
auth_type = scram-sha-256
auth_file = /run/pgbouncer/userlist.txt
client_tls_sslmode = require
client_tls_cert_file = /run/pgbouncer/tls.crt
client_tls_key_file = /run/pgbouncer/tls.key
server_tls_sslmode = verify-ca
server_tls_ca_file = /run/pgbouncer/ca.crt
`;
