import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { execa } from "execa";
import type { Client } from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { containerExec } from "../../actions/engine/container-exec.ts";
import { memberContainer } from "../../actions/engine/member-container.ts";
import { type Pool, poolConsole, poolHold, poolsOf } from "../../actions/pool-pause.ts";
import { renderPoolerUsers, roleNames } from "../../cluster/index.ts";
import { haproxyHead, login, type Proxied, startProxied } from "./proxied.ts";
import { endSessions, openSession } from "./sessions.ts";
import { docker, eventually, identityFiles, ready } from "./stage.ts";

const engine = "unix:///var/run/docker.sock";
const [operator] = roleNames("operator");
const operatorPassword = "the-operator-s";

let proxied: Proxied;
let proxy: string;

beforeAll(async () => {
  proxied = await startProxied();
  const { stage } = proxied;
  proxy = stage.nameOf("proxy");
  for (const name of ["one", "two"]) await startMember(name);
  await proxied.giveProxy({
    "haproxy.cfg": { content: haproxy() },
    "pgbouncer.ini": { content: pgbouncer },
    "userlist.txt": {
      content: `"${login.user}" "${login.password}"\n${renderPoolerUsers(
        { pooler: "pooler_1", operator },
        {
          password: "unused",
          operatorPassword,
          incarnation: "1a2b3c4d",
        },
      )}`,
    },
  });
  await be("one", "primary");
  await docker(["restart", "--time", "5", proxy]);
  await eventually("the server is reached by way of the pooler", 30_000, async () => {
    const client = await connect().catch(() => undefined);
    await endSessions();
    return client && true;
  });
}, 300_000);

afterEach(endSessions);

afterAll(async () => {
  await endSessions();
  await proxied?.stage.remove();
});

/** A member that answers as it is told to. */
async function startMember(name: string): Promise<void> {
  const { stage, authority } = proxied;
  const issued = await authority.issue({ unit: name, dnsNames: [stage.nameOf(name)] });
  const program = await readFile(join(import.meta.dirname, "leads-by.py"), "utf8");
  const paths = ["tls.crt", "tls.key", "ca.crt"].map((file) => `/etc/identity/${file}`);
  const script = 'echo replica >/tmp/role; exec python3 -c "$0" "$@"';
  const command = ["sh", "-c", script, program, "/tmp/role", ...paths];
  await stage.start(
    name,
    await ready("probe"),
    await stage.identity(name, identityFiles(authority, issued)),
    command,
  );
}

async function be(name: string, role: "primary" | "promoted" | "replica"): Promise<void> {
  await docker(["exec", proxied.stage.nameOf(name), "sh", "-c", `echo ${role} >/tmp/role`]);
}

/** A session through the pool. */
function connect(): Promise<Client> {
  const ssl = { ca: proxied.authority.certificate, checkServerIdentity: () => undefined };
  return openSession({ ...login, host: proxied.address, port: 6432, ssl });
}

function inProxy(...command: readonly string[]) {
  return execa("docker", ["exec", proxy, ...command], { reject: false });
}

/** How HAProxy sees each server of the leader's backend. */
async function seen(): Promise<Record<string, string>> {
  const { stdout } = await inProxy("bash", "-c", "haproxy-command 1 <<<'show stat'");
  const rows = stdout.split("\n").map((row) => row.split(","));
  const servers = rows.filter(([backend, name]) => backend === "leader" && name !== "BACKEND");
  return Object.fromEntries(servers.map((row) => [row[1]?.split("-").at(-1) ?? "", row[17] ?? ""]));
}

async function sees(one: string, two: string): Promise<void> {
  await eventually(`one is ${one} and two ${two}`, 30_000, async () => {
    const { one: first = "", two: second = "" } = await seen();
    return (first.startsWith(one) && second.startsWith(two)) || undefined;
  });
}

describe("lead-to", () => {
  test("leads to a member the moment it takes writes, and not when it only has the leader's key", async () => {
    await sees("UP", "DOWN");
    const began = performance.now();
    const leading = inProxy("lead-to", proxied.stage.nameOf("two"), "20");
    let ended = false;
    void leading.then(() => {
      ended = true;
    });
    await be("one", "replica");
    await be("two", "promoted");
    await pause(1_000);
    expect(ended).toBe(false);
    await be("two", "primary");
    const promoted = performance.now();
    expect(await leading).toMatchObject({ exitCode: 0, stdout: "leads", stderr: "" });
    console.log(`lead-to: ${Math.round(performance.now() - promoted)} ms after the promotion`);
    expect(performance.now() - promoted).toBeLessThan(2_000);
    // Its own checks come every ten seconds here: none of them can have told HAProxy of both.
    expect(performance.now() - began).toBeLessThan(9_000);
    const now = await seen();
    expect([now["one"]?.slice(0, 4), now["two"]?.slice(0, 2)]).toEqual(["DOWN", "UP"]);
  }, 60_000);

  test("lasts until the next checks: what they find counts", async () => {
    await be("one", "primary");
    await be("two", "replica");
    await sees("UP", "DOWN");
  }, 60_000);

  test("changes nothing when the member does not lead in time", async () => {
    const before = await seen();
    const { exitCode, stderr } = await inProxy("lead-to", proxied.stage.nameOf("two"), "1");
    expect(exitCode).toBe(1);
    expect(stderr).toBe(`error: ${proxied.stage.nameOf("two")} does not lead within 1 s`);
    expect(await seen()).toEqual(before);
  }, 30_000);

  test("says that it knows no such member", async () => {
    const { exitCode, stderr } = await inProxy("lead-to", "three", "1");
    expect([exitCode, stderr]).toEqual([1, "error: three: HAProxy knows no such member"]);
  });
});

/** The pool as actions have it. */
function pools(): readonly Pool[] {
  const { address } = proxied;
  return poolsOf({
    proxies: [{ name: proxy, address, engine }],
    endpoint: { address, readWritePort: 5000, readOnlyPort: 5001, pooledPort: 6432 },
    operator: { user: operator, password: operatorPassword },
    access: { ca: proxied.authority.certificate, certificate: "", privateKey: "" },
    execOn: () => containerExec(engine),
  });
}

/** How long a statement waits, milliseconds. */
async function waits(client: Client): Promise<number> {
  const began = performance.now();
  await client.query("SELECT 1");
  return performance.now() - began;
}

describe("the pool's clients", () => {
  afterEach(async () => {
    await poolHold(pools()).resume();
  });

  test("wait while they are held and go on when they are let go, and the lease is given back", async () => {
    const client = await connect();
    expect(await waits(client)).toBeLessThan(1_000);
    const hold = poolHold(pools());
    expect(await hold.pause()).toEqual([{ proxy }]);
    expect((await inProxy("cat", "/run/pgbouncer/lease")).exitCode).toBe(0);
    const waited = waits(client);
    await pause(1_000);
    expect(await hold.resume()).toEqual([]);
    expect(await waited).toBeGreaterThanOrEqual(900);
    expect((await inProxy("cat", "/run/pgbouncer/lease")).exitCode).toBe(1);
    expect(await hold.resume()).toEqual([]);
  }, 30_000);

  test("go on by themselves when whoever held them is gone and the lease is over", async () => {
    const [pool] = pools();
    const client = await connect();
    await pool?.lease("somebody-s", 2);
    const console = await pool?.connect();
    await console?.pause();
    console?.end();
    expect(await waits(client)).toBeGreaterThan(500);
  }, 30_000);

  test("are held by the newest lease: an older one ends nothing", async () => {
    const [pool] = pools();
    const client = await connect();
    await pool?.lease("older", 1);
    const hold = poolHold(pools());
    await hold.pause();
    const waited = waits(client);
    await pause(2_500);
    await hold.resume();
    expect(await waited).toBeGreaterThanOrEqual(2_000);
  }, 30_000);

  test("are not held when one of them does not end its transaction in time", async () => {
    const [busy, idle] = [await connect(), await connect()];
    await busy.query("BEGIN");
    await busy.query("SELECT 1");
    const hold = poolHold(pools(), { pauseMs: 1_000 });
    expect(await hold.pause()).toEqual([{ proxy, skipped: "transactions end: not within 1 s" }]);
    expect(await waits(idle)).toBeLessThan(1_000);
    await busy.query("COMMIT");
  }, 30_000);

  test("may not hold each other: the console is for the operator", async () => {
    const ca = proxied.authority.certificate;
    const at = { host: proxied.address, port: 6432, ca };
    await expect(poolConsole({ ...at, ...login })).rejects.toThrow(/not allowed|no such database|admin/i);
    await expect(poolConsole({ ...at, user: operator, password: "wrong" })).rejects.toThrow(
      /authentication failed/,
    );
  });

  test.each(["61", "-1", "soon"])("cannot be held for %s seconds", async (seconds) => {
    const { exitCode, stderr } = await inProxy("pool-lease", "token", seconds);
    expect([exitCode, stderr]).toEqual([1, `error: SECONDS: ${seconds}: 0 to 60`]);
  });
});

test("a member's container is killed at once and started again, and its log is read from a mark on", async () => {
  const container = memberContainer(engine, proxied.stage.nameOf("two"));
  const since = await container.markLog();
  await container.kill();
  expect(await docker(["inspect", "--format", "{{.State.ExitCode}}", proxied.stage.nameOf("two")])).toBe(
    "137",
  );
  await container.start();
  await container.start();
  const log = await eventually("it logs again", 10_000, async () => {
    const text = await since();
    return text.includes("listens") ? text : undefined;
  });
  expect(log).toMatch(/^listens\n/);
  await expect(memberContainer(engine, "nobody-s").kill()).rejects.toThrow(
    /^nobody-s: kill: .*no such container/i,
  );
}, 30_000);

function haproxy(): string {
  const { stage } = proxied;
  const servers = ["one", "two"].map((name) => {
    const checked = `check addr ${stage.nameOf(name)} port 8008 verifyhost ${stage.nameOf(name)}`;
    return `    server ${stage.nameOf(name)} ${stage.nameOf("server")}:5432 ${checked}`;
  });
  return `
${haproxyHead("inter 10s fastinter 10s downinter 10s fall 1 rise 1 on-marked-down shutdown-sessions")}
frontend read_write
    bind *:5000
    tcp-request connection reject if { nbsrv(leader) gt 1 }
    default_backend leader
backend leader
    option httpchk OPTIONS /primary
    http-check expect status 200
${servers.join("\n")}
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
admin_users = ${operator}
client_tls_sslmode = require
client_tls_cert_file = /run/pgbouncer/tls.crt
client_tls_key_file = /run/pgbouncer/tls.key
server_tls_sslmode = verify-ca
server_tls_ca_file = /run/pgbouncer/ca.crt
server_login_retry = 1
`;
