import { beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { containerPaths, renderSpiloConfiguration } from "../../cluster/index.ts";
import { runIn } from "./container.ts";
import { inFolder, testAuthority } from "./identity.ts";
import { firstOf, networkOf, planOf } from "./plans.ts";

const plan = planOf();
const leader = firstOf(plan.members);
const network = networkOf(plan).subnet.replace(/\.0\/24$/, "");

/** Somebody at the door. Whoever knows no password has one that is wrong. */
interface Caller {
  readonly user: string;
  readonly database: string;
  /** Last number of the address in the cluster's network; absent: by the local socket. */
  readonly from?: number;
  /** With a certificate of the cluster's authority, of another one, or with none. */
  readonly shows?: "ours" | "another" | "none";
  readonly knowsPassword?: boolean;
  readonly sslmode?: "verify-full" | "disable";
  /** The user of the system, which counts by the local socket alone. */
  readonly as?: "postgres" | "root";
}

type Row = readonly [who: string, caller: Caller];

/** What PostgreSQL says to whom it turns away. */
const reasons = {
  "no rule": "no pg_hba.conf entry",
  rejected: "pg_hba.conf rejects",
  certificate: "connection requires a valid client certificate",
  authority: "tlsv1 alert unknown ca",
  password: "password authentication failed",
  "system user": "Peer authentication failed",
} as const;

type Reason = keyof typeof reasons;

const letIn: readonly Row[] = [
  ["the superuser at home", { user: "postgres", database: "postgres", as: "postgres" }],
  ["a standby that asks itself", { user: "standby_1", database: "replication", as: "postgres" }],
  ["the first standby", { user: "standby_1", database: "replication", from: 11, shows: "ours" }],
  ["a standby by the other role", { user: "standby_2", database: "replication", from: 14, shows: "ours" }],
  ["the last member there may be", { user: "standby_1", database: "replication", from: 19, shows: "ours" }],
  ["a former leader", { user: "rewind_1", database: "postgres", from: 12, shows: "ours" }],
  ["the operator from the host", { user: "operator_1", database: "spilo_probe", from: 1, shows: "ours" }],
  ["the operator by the other role", { user: "operator_2", database: "postgres", from: 99, shows: "ours" }],
  ["a pooler", { user: "pooler_1", database: "postgres", from: 21 }],
  ["the other pooler", { user: "pooler_2", database: "postgres", from: 22 }],
  ["the application", { user: "app_1", database: "app", from: 21 }],
  ["the application without a proxy", { user: "app_2", database: "app", from: 200 }],
  ["the application beside the server", { user: "app_1", database: "app", as: "root" }],
];

const turnedAway: readonly (readonly [...row: Row, why: Reason])[] = [
  [
    "the superuser from a member",
    { user: "postgres", database: "postgres", from: 11, shows: "ours" },
    "rejected",
  ],
  ["the superuser through a proxy", { user: "postgres", database: "app", from: 21 }, "rejected"],
  [
    "root of the container as superuser",
    { user: "postgres", database: "postgres", as: "root" },
    "system user",
  ],
  [
    "a standby without a certificate",
    { user: "standby_1", database: "replication", from: 12 },
    "certificate",
  ],
  [
    "a standby with another authority's certificate",
    { user: "standby_1", database: "replication", from: 12, shows: "another" },
    "authority",
  ],
  [
    "a standby without the password",
    { user: "standby_1", database: "replication", from: 12, shows: "ours", knowsPassword: false },
    "password",
  ],
  [
    "a standby at home without the password",
    { user: "standby_1", database: "replication", as: "postgres", knowsPassword: false },
    "password",
  ],
  [
    "a standby below the members",
    { user: "standby_1", database: "replication", from: 10, shows: "ours" },
    "no rule",
  ],
  [
    "a standby above the members",
    { user: "standby_1", database: "replication", from: 20, shows: "ours" },
    "no rule",
  ],
  [
    "a standby that wants to read tables",
    { user: "standby_1", database: "app", from: 12, shows: "ours" },
    "no rule",
  ],
  [
    "a former leader in another database",
    { user: "rewind_1", database: "app", from: 12, shows: "ours" },
    "no rule",
  ],
  [
    "a former leader that is no member",
    { user: "rewind_1", database: "postgres", from: 22, shows: "ours" },
    "no rule",
  ],
  [
    "the operator without a certificate",
    { user: "operator_1", database: "postgres", from: 1 },
    "certificate",
  ],
  ["the operator among the data", { user: "operator_1", database: "app", from: 1, shows: "ours" }, "no rule"],
  ["a pooler that is no proxy", { user: "pooler_1", database: "postgres", from: 23 }, "no rule"],
  ["a pooler among the data", { user: "pooler_1", database: "app", from: 21 }, "no rule"],
  ["the application in clear", { user: "app_1", database: "app", from: 200, sslmode: "disable" }, "no rule"],
  [
    "the application without the password",
    { user: "app_1", database: "app", from: 200, knowsPassword: false },
    "password",
  ],
  ["somebody who is no client", { user: "stranger", database: "app", from: 200, shows: "ours" }, "no rule"],
];

/**
 * A server with the rules, the roles and a database, and a hand that carries connections to it from any address of the
 * cluster's network. Says what PostgreSQL finds wrong with the rules, then of each caller whether he is let in.
 */
const ask = `
  set -e
  bin=/usr/lib/postgresql/17/bin; data=/tmp/data
  for folder in ${containerPaths.identity} /tmp/another; do
    install -d -o postgres /tmp/own$folder
    install -o postgres -m 0600 $folder/* /tmp/own$folder
  done
  files=/tmp/own${containerPaths.identity}
  install -d -o postgres $data
  su postgres -c "$bin/initdb -D $data --no-sync --username postgres" >/tmp/log 2>&1 || { cat /tmp/log; exit 1; }
  python3 /tmp/addresses.py 2>/tmp/addresses.log &
  until [ -e /tmp/ready ]; do kill -0 $!; sleep 0.1; done
  install -o postgres /tmp/rules $data/pg_hba.conf
  su postgres -c "$bin/pg_ctl -D $data -l /tmp/server -w start -o '-k /tmp -h $LEADER -c ssl=on \\
    -c ssl_ca_file=$files/ca.crt -c ssl_cert_file=$files/tls.crt -c ssl_key_file=$files/tls.key'" >/tmp/log 2>&1 ||
    { cat /tmp/log /tmp/server; exit 1; }
  su postgres -c "psql -h /tmp -XAtq -v ON_ERROR_STOP=1" </tmp/roles.sql
  su postgres -c "psql -h /tmp -XAtc \\"select 'wrong: ' || line_number || ' ' || error from pg_hba_file_rules
    where error is not null\\""
  su postgres -c "psql -h /tmp -XAtc \\"select 'rules: ' || count(*) from pg_hba_file_rules\\""
  while IFS='|' read -r who as password connection; do
    if su "$as" -c "PGPASSWORD=$password psql -XAtc '\\\\q' \\"$connection\\"" >/tmp/said 2>&1
    then echo "$who: let in"
    else echo "$who: $(grep -oE '${Object.values(reasons).join("|")}' /tmp/said | head -1 | grep . || cat /tmp/said)"
    fi
  done </tmp/callers
`;

/** Gives the container every address, and listens at a port for each to connect from. */
const addresses = `
import fcntl, os, socket, struct, threading
network, leader = os.environ["NETWORK"], os.environ["LEADER"]
loopback = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
def pump(left, right):
    try:
        while data := left.recv(65536):
            right.sendall(data)
    except OSError:
        pass  # whoever is turned away hangs up
    finally:
        right.close()
def carry(door, source):
    while True:
        near, _ = door.accept()
        far = socket.create_connection((leader, 5432), source_address=(source, 0))
        for pair in ((near, far), (far, near)):
            threading.Thread(target=pump, args=pair, daemon=True).start()
def open_door(last):
    source = f"{network}.{last}"
    fcntl.ioctl(loopback, 0x8916, struct.pack("16sH2s4s8s", b"lo:%d" % last, socket.AF_INET, b"", socket.inet_aton(source), b""))
    door = socket.create_server(("127.0.0.1", 10000 + last))
    threading.Thread(target=carry, args=(door, source)).start()
for last in map(int, os.environ["SOURCES"].split()):
    open_door(last)
open("/tmp/ready", "w").close()
`;

/** All of them may do more than they have to, so that it is the rules alone which turn somebody away. */
const roles = `
  create role spilo_clients; create role app; grant spilo_clients to app, postgres;
  create database spilo_probe; create database app owner app;
  alter role postgres password 'right';
  ${["standby", "rewind", "operator", "pooler", "app"]
    .flatMap((purpose) =>
      [1, 2].map((number) => `create role ${purpose}_${number} replication login password 'right';`),
    )
    .join("\n")}
  grant app to app_1, app_2; create role stranger login password 'right';
`;

const settings = z.object({ postgresql: z.object({ pg_hba: z.array(z.string()) }) });

describe("pg_hba", () => {
  const callers = [...letIn, ...turnedAway];
  const secrets = { restUser: "spilo", restPassword: "p", rewindPassword: "p" };
  const { pg_hba: rules } = settings.parse(parse(renderSpiloConfiguration(plan, secrets))).postgresql;
  let output = "";

  beforeAll(async () => {
    const [authority, another] = await Promise.all([testAuthority(), testAuthority()]);
    const sources = new Set([11, ...callers.flatMap(([, { from }]) => from ?? [])]);
    const outcome = await runIn({
      image: "spilo",
      script: ask,
      files: {
        ...(await authority.identityOf(leader.certificate)),
        ...inFolder("/tmp/another", await another.identityOf(leader.certificate)),
        "/tmp/rules": `${rules.join("\n")}\n`,
        "/tmp/roles.sql": roles,
        "/tmp/addresses.py": addresses,
        "/tmp/callers": callers.map(lineOf).join(""),
      },
      env: { NETWORK: network, LEADER: leader.address, SOURCES: [...sources].join(" ") },
      options: ["--cap-add", "NET_ADMIN"],
    });
    output = outcome.output;
  });

  it("is understood by PostgreSQL, every line of it", () => {
    expect(output).not.toContain("wrong:");
    expect(output).toContain(`rules: ${rules.length}`);
  });

  it.each(letIn)("lets in %s", (who) => {
    expect(output.split("\n").filter((line) => line.startsWith(`${who}:`))).toEqual([`${who}: let in`]);
  });

  it.each(turnedAway)("turns away %s", (who, _caller, why) => {
    expect(output.split("\n").filter((line) => line.startsWith(`${who}:`))).toEqual([
      `${who}: ${reasons[why]}`,
    ]);
  });
});

function lineOf([who, caller]: readonly [...row: Row, why?: Reason]): string {
  const { knowsPassword = true, as = "postgres" } = caller;
  return `${who}|${as}|${knowsPassword ? "right" : "wrong"}|${connectionOf(caller)}\n`;
}

function connectionOf({ user, database, from, shows = "none", sslmode = "verify-full" }: Caller): string {
  const asked = database === "replication" ? "dbname=postgres replication=true" : `dbname=${database}`;
  if (from === undefined) return `host=/tmp user=${user} ${asked}`;
  const folder = `/tmp/own${shows === "another" ? "/tmp/another" : containerPaths.identity}`;
  const certificate =
    shows === "none" ? "sslcert=/none" : `sslcert=${folder}/tls.crt sslkey=${folder}/tls.key`;
  const trusted = `sslrootcert=/tmp/own${containerPaths.identity}/ca.crt`;
  const where = `host=${leader.name} hostaddr=127.0.0.1 port=${10_000 + from}`;
  return `${where} user=${user} ${asked} sslmode=${sslmode} ${trusted} ${certificate}`;
}
