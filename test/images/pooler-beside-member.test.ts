import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { poolerOrder } from "../../cluster/aws/container-order.ts";
import { parseSpec, planCluster, renderPgbouncer } from "../../cluster/index.ts";
import { type Authority, makeAuthority } from "../../toolchain/zones/authority.ts";
import { onAws } from "../unit/aws-specifications.ts";
import { login } from "./proxied.ts";
import { endSessions, openSession } from "./sessions.ts";
import { docker, eventually, identityFiles, makeStage, owners, ready, type Stage } from "./stage.ts";

/** A pool as it is on a member's machine on AWS: in the image of the proxies, with no proxy, by the order of the plan. */
const third = 1 + Math.floor(Math.random() * 250);
const [serverAddress, poolerAddress] = [`10.212.${third}.11`, `10.212.${third}.12`];
const plan = planCluster(parseSpec(onAws("a", { endpoint: { pooled: true } })));

let stage: Stage;
let authority: Authority;

beforeAll(async () => {
  stage = await makeStage("pooler", `10.212.${third}.0/24`);
  authority = await makeAuthority("cluster");
  await startStandby();
  await startPooler();
}, 300_000);

afterEach(endSessions);

afterAll(async () => {
  await endSessions();
  await stage?.remove();
});

async function startStandby(): Promise<void> {
  const issued = await authority.issue({ unit: "server", addresses: [serverAddress] });
  const script = `
    initdb --pgdata /tmp/data --username postgres --auth-local peer --auth-host scram-sha-256 >/dev/null
    echo "hostssl all all all scram-sha-256" >>/tmp/data/pg_hba.conf
    postgres --single -D /tmp/data postgres <<<"CREATE ROLE ${login.user} LOGIN PASSWORD '${login.password}'"
    touch /tmp/data/standby.signal
    exec postgres -D /tmp/data -k /tmp -c listen_addresses=* -c ssl=on \
      -c ssl_cert_file=/etc/identity/tls.crt -c ssl_key_file=/etc/identity/tls.key`;
  const identity = await stage.identity("server", identityFiles(authority, issued), owners.postgres);
  const options = ["--user", "postgres", "--ip", serverAddress, ...identity];
  await stage.start("server", await ready("spilo"), options, ["bash", "-c", script]);
}

async function startPooler(): Promise<void> {
  // The network is not the machine's here.
  const limits = planned().arguments.filter((one) =>
    /^--(cap|security|read-only|tmpfs|memory|pids)/.test(one),
  );
  const identity = await stage.identity("pooler", await poolerFiles("first"));
  await stage.start("pooler", await ready("proxy"), ["--ip", poolerAddress, ...limits, ...identity]);
}

function planned() {
  const [member] = plan.members;
  const order = member && poolerOrder(member);
  if (order === undefined) throw new Error("the plan has no pool");
  return order;
}

async function poolerFiles(unit: string, password: string = login.password) {
  const issued = await authority.issue({ unit, addresses: [poolerAddress] });
  const member = { address: serverAddress, postgres: { host: serverAddress, port: 5432 } };
  return {
    ...identityFiles(authority, issued),
    "pgbouncer.ini": { content: renderPgbouncer(plan, member, 6432), mode: 0o644 },
    "userlist.txt": { content: `"${login.user}" "${password}"\n` },
  };
}

function connect() {
  const ssl = { ca: authority.certificate };
  return openSession({ ...login, host: poolerAddress, port: 6432, ssl });
}

test("leads nobody to a member that follows", async () => {
  await eventually("the pool listens", 60_000, async () => {
    const outcome = await connect().catch((error: unknown) => String(error));
    return String(outcome).includes("ECONNREFUSED") ? undefined : true;
  });
  // Who is led there, as by a load balancer that finds nobody fit, waits for as long as they will.
  await expect(connect()).rejects.toThrow("timeout expired");
  const sessions = `select count(*) from pg_stat_activity where usename = '${login.user}'`;
  expect(await stage.exec("server", ["psql", "-h", "/tmp", "-XAtc", sessions])).toBe("0");
}, 90_000);

test("leads to it as soon as it leads, and tells clients that it takes writes", async () => {
  await stage.exec("server", ["psql", "-h", "/tmp", "-XAtc", "select pg_promote()"]);
  const client = await eventually("a client is let in", 30_000, () => connect().catch(() => undefined));
  const { rows } = await client.query("select pg_is_in_recovery() as follows");
  expect(rows).toEqual([{ follows: false }]);
  await client.query("create temporary table written (at timestamptz)");
}, 60_000);

test("takes up its files while it runs, with no HAProxy beside it", async () => {
  const client = await connect();
  await stage.identity("pooler", await poolerFiles("second", "another"));
  const taken = await docker(["exec", stage.nameOf("pooler"), ...planned().reload]);
  expect(taken).toBe("");
  expect((await client.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
  // Its list of users is the new one, and no proxy was begun.
  await expect(connect()).rejects.toThrow(/authentication failed/i);
  const running = await docker(["exec", stage.nameOf("pooler"), "ls", "/run/service"]);
  expect(running.trim()).toBe("pgbouncer");
}, 60_000);
