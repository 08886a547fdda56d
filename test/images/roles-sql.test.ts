import { execa } from "execa";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { containerExec, type ExecResult } from "../../actions/engine/container-exec.ts";
import { closeLogins } from "../../actions/logins/close-logins.ts";
import { mayRotate } from "../../actions/logins/may-rotate.ts";
import { openLogins } from "../../actions/logins/open-logins.ts";
import { ensurePoolerLogin } from "../../actions/logins/pooler-login.ts";
import { ensureRoles } from "../../actions/logins/roles.ts";
import type { PatroniClient } from "../../actions/patroni/patroni-client.ts";
import { leaderSql } from "../../actions/sql/leader-sql.ts";
import { parseSpec, planCluster } from "../../cluster/index.ts";
import { isVerifierOf } from "../../cluster/rotation/scram.ts";
import { eventually, makeStage, ready, type Stage } from "./stage.ts";

const passwords = { application: "app-91d2", operator: "operator-4c07", pooler: "pooler-b8e5" } as const;
const application = { database: "app", role: "app" } as const;
const { current: names } = planCluster(parseSpec({ name: "roles" })).logins;

/** A server that writes down everything that it is asked, as some do. */
const server = `
  set -e
  bin=/usr/lib/postgresql/17/bin; data=/tmp/data
  install -d -o postgres $data
  su postgres -c "$bin/initdb -D $data --no-sync" >/dev/null
  cat > $data/pg_hba.conf <<END
local all postgres peer
local replication postgres peer
host replication all all scram-sha-256
host all all all scram-sha-256
END
  exec su postgres -c "exec $bin/postgres -D $data -c listen_addresses='*' -c fsync=off -c log_statement=all \\
    -c log_min_duration_statement=0 -c log_transaction_sample_rate=1 -c autovacuum=off \\
    -c shared_preload_libraries=pg_stat_statements,auto_explain -c auto_explain.log_min_duration=0"
`;

let stage: Stage;
let host: string;
const connected = new Set<pg.Client>();

/** As the superuser, at the local socket. */
function asSuperuser(script: string, database = "postgres"): Promise<string> {
  return stage.exec("server", ["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", database], script);
}

async function connect(user: string, password: string, database: string): Promise<pg.Client> {
  const client = new pg.Client({ host, user, password, database, connectionTimeoutMillis: 5000 });
  // A session that a test ends would end the run as well.
  client.on("error", () => undefined);
  await client.connect();
  connected.add(client);
  return client;
}

const asApplication = (database: string = application.database) =>
  connect("app_1", passwords.application, database);
const asOperator = (database: string) => connect("operator_1", passwords.operator, database);

/** The first column of the first row. */
async function firstOf(client: pg.Client, selected: string): Promise<unknown> {
  const { rows } = await client.query<unknown[]>({ text: `select ${selected}`, rowMode: "array" });
  return rows[0]?.[0];
}

/** The one member of a cluster, and who leads it. */
function cluster() {
  const name = stage.nameOf("server");
  const unused = () => Promise.reject(new Error("not asked here"));
  const patroni: PatroniClient = {
    cluster: async () => ({ members: [{ name, role: "leader", state: "running" }] }),
    ...{ member: unused, history: unused, config: unused, patchConfig: unused },
    ...{ restart: unused, reinitialize: unused },
  };
  const exec = containerExec("unix:///var/run/docker.sock");
  return { members: [{ name, restUrl: "" }], patroni, execOn: () => exec, deadlineMs: 30_000 };
}

async function ensureAll(
  changed: { readonly [login in keyof typeof passwords]?: string } = {},
): Promise<void> {
  const { application: app, operator, pooler } = { ...passwords, ...changed };
  await ensureRoles({ ...cluster(), application, names, logins: { application: app, operator } });
  await ensurePoolerLogin({ ...cluster(), user: names.pooler, password: pooler });
}

/** The logins of the second generation, as a rotation lets them in. */
const second = ["app_2", "operator_2", "pooler_2", "standby_2", "rewind_2"].map((user) => {
  return { user, password: `${user}-5ab1` };
});

/** Every row that the scripts may write, with the transaction that wrote it. */
async function written(): Promise<string> {
  const shared = ["pg_authid", "pg_auth_members", "pg_db_role_setting", "pg_database"];
  const local = ["pg_namespace", "pg_proc", "pg_class"];
  const rowsOf = (table: string) => `select '${table}', ctid, xmin from pg_catalog.${table} order by 2;`;
  const parts = [asSuperuser(shared.map(rowsOf).join("\n"))];
  for (const database of ["postgres", application.database, "spilo_probe"]) {
    parts.push(asSuperuser(local.map(rowsOf).join("\n"), database));
  }
  return (await Promise.all(parts)).join("\n");
}

beforeAll(async () => {
  const image = await ready("spilo");
  stage = await makeStage("roles");
  host = await stage.start("server", image, ["--entrypoint", "bash"], ["-c", server]);
  await eventually("the server answers", 60_000, async () =>
    asSuperuser("select 1;").then(
      () => true,
      () => undefined,
    ),
  );
  // Somebody made the database before, and put something into it.
  await asSuperuser("create extension pg_stat_statements; create database app;");
  await asSuperuser("create table kept as select 42 as answer; grant select on kept to public;", "app");
  await ensureAll();
}, 300_000);

afterAll(async () => {
  await Promise.allSettled([...connected].map((client) => client.end()));
  await stage?.remove();
});

describe("the roles", () => {
  test("change nothing the second time", async () => {
    const before = await written();
    expect(before.split("\n").length).toBeGreaterThan(100);
    await ensureAll();
    expect(await written()).toBe(before);
  });

  test("are in no log and in no statistics, neither passwords nor verifiers", async () => {
    await ensureAll({ pooler: "pooler-for-a-while" });
    await ensureAll();
    const wrong = leaderSql({ ...cluster(), what: "a script" });
    await expect(wrong("postgres", "alter role missing password 'SCRAM-SHA-256$4096:x';")).rejects.toThrow(
      /ERROR: {2}42704: role "missing" does not exist$/,
    );
    const log = await containerLog();
    expect(log).toContain("statement: create extension pg_stat_statements");
    expect(log).not.toMatch(/SCRAM-SHA-256|password|app-91d2|operator-4c07|pooler-/);
    const statements = "select string_agg(query, ' ') from public.pg_stat_statements;";
    expect(await asSuperuser(statements)).not.toMatch(/SCRAM-SHA-256|alter role/i);
  });

  test("have whatever is missing put back, and a power that somebody added taken away", async () => {
    await asSuperuser(
      "alter role app_1 superuser; revoke spilo_clients from app; grant connect on database app to public;",
    );
    await ensureAll();
    expect(await asSuperuser("select rolsuper from pg_roles where rolname = 'app_1';")).toBe("f");
    expect(await asSuperuser("select pg_has_role('app_1', 'spilo_clients', 'member');")).toBe("t");
    await expect(asOperator("app")).rejects.toThrow(/permission denied for database/);
  });

  test("follow a changed password", async () => {
    await ensureAll({ application: "app-new" });
    await expect(asApplication()).rejects.toThrow(/password authentication failed/);
    expect(await firstOf(await connect("app_1", "app-new", "app"), "1")).toBe(1);
    await ensureAll();
    expect(await firstOf(await asApplication(), "1")).toBe(1);
  });
});

describe("the second login of a purpose", () => {
  test("is there, closed and without a password", async () => {
    const spare = "'app_2', 'operator_2', 'pooler_2', 'standby_2', 'rewind_2'";
    const rows = `select rolname from pg_authid
      where rolname in (${spare}) and not rolcanlogin and rolpassword is null order by 1;`;
    expect(await asSuperuser(rows)).toBe("app_2\noperator_2\npooler_2\nrewind_2\nstandby_2");
  });

  test("has the rights of the first", async () => {
    const files = "has_function_privilege('rewind_2', 'pg_read_binary_file(text)', 'execute')";
    const replication = "select rolreplication from pg_roles where rolname = 'standby_2';";
    expect(await asSuperuser(`select ${files}; ${replication}`)).toBe("t\nt");
  });

  test("stays open once it was opened, and shares everything with the first", async () => {
    await asSuperuser("alter role app_2 login password 'app-second';");
    await ensureAll();
    const second = await connect("app_2", "app-second", "app");
    await second.query("create table of_the_second (id int)");
    await (await asApplication()).query("alter table of_the_second add column name text");
    await asSuperuser("alter role app_2 nologin password null;");
  });
});

describe("an application", () => {
  test("finds what was in its database, and makes tables that belong to the group", async () => {
    const client = await asApplication();
    expect(await firstOf(client, "answer from kept")).toBe(42);
    await client.query("create table orders (id int primary key); create schema billing;");
    expect(await firstOf(client, "tableowner from pg_tables where tablename = 'orders'")).toBe("app");
    expect(await firstOf(client, "nspowner::regrole::text from pg_namespace where nspname = 'billing'")).toBe(
      "app",
    );
  });

  test("is no more than that", async () => {
    const client = await asApplication();
    expect(
      await firstOf(
        client,
        `not (rolsuper or rolcreatedb or rolcreaterole or rolreplication or rolbypassrls)
          from pg_roles where rolname = session_user`,
      ),
    ).toBe(true);
    for (const refused of [
      "select rolpassword from pg_authid",
      "create role another",
      "create database another",
      "select pg_read_file('/etc/passwd')",
      "copy orders to program 'true'",
      "set role postgres",
      "set role spilo_operators",
    ]) {
      await expect(client.query(refused), refused).rejects.toThrow(/permission denied/);
    }
  });

  test("does not get into the operators' database", async () => {
    await expect(asApplication("spilo_probe")).rejects.toThrow(
      /permission denied for database "spilo_probe"/,
    );
  });
});

describe("an operator", () => {
  test("sees where settings come from, and who replicates", async () => {
    await stage.exec("server", [
      "sh",
      "-c",
      "mkdir /tmp/wal; nohup pg_receivewal -D /tmp/wal >/dev/null 2>&1 &",
    ]);
    const client = await asOperator("postgres");
    const file = "sourcefile from pg_settings where name = 'shared_buffers'";
    expect(await firstOf(client, file)).toBe("/tmp/data/postgresql.conf");
    const streaming = "true from pg_stat_replication where state = 'streaming'";
    await eventually("the operator sees who streams", 15_000, () => firstOf(client, streaming));
  });

  test("writes into its own database, and has the server finish a WAL file there", async () => {
    const client = await asOperator("spilo_probe");
    await client.query("create table if not exists proof (token text)");
    expect(await firstOf(client, "tableowner from pg_tables where tablename = 'proof'")).toBe(
      "spilo_operators",
    );
    expect(await firstOf(client, "pg_switch_wal()::text")).toMatch(/^[0-9A-F]+\/[0-9A-F]+$/);
  });

  test("does neither elsewhere", async () => {
    const client = await asOperator("postgres");
    await expect(client.query("select pg_switch_wal()")).rejects.toThrow(/permission denied/);
    await expect(client.query("create table proof (token text)")).rejects.toThrow(/permission denied/);
    await expect(client.query("select rolpassword from pg_authid")).rejects.toThrow(/permission denied/);
    await expect(asOperator("app")).rejects.toThrow(/permission denied for database "app"/);
  });
});

describe("a pooler", () => {
  const lookUp = async (client: pg.Client, name: string) =>
    (await client.query("select user_name, verifier from pooler.user_lookup($1)", [name])).rows;

  test("is told the verifiers of clients", async () => {
    await asSuperuser("create role report login password 'report-1' in role spilo_clients;");
    const client = await connect("pooler_1", passwords.pooler, "postgres");
    const [found] = await lookUp(client, "app_1");
    expect(found).toMatchObject({ user_name: "app_1" });
    expect(isVerifierOf(String(found?.verifier), passwords.application)).toBe(true);
    expect(await lookUp(client, "report")).toHaveLength(1);
  });

  test("is told of nobody else", async () => {
    await asSuperuser(`
      alter role postgres password 'of-the-superuser';
      create role standby_1 login replication password 'x';
      create role chief login superuser password 'x' in role spilo_clients;
      create role deputy login password 'x' in role spilo_clients, postgres;
      create role copier login replication password 'x' in role spilo_clients;
      create role watcher login password 'x' in role spilo_clients, spilo_operators;
      create role former login password 'x' valid until '2001-01-01' in role spilo_clients;
      create role closed nologin password 'x' in role spilo_clients;
      create role stranger login password 'x';
    `);
    const client = await connect("pooler_1", passwords.pooler, "postgres");
    const others = ["postgres", "standby_1", "chief", "deputy", "copier", "watcher", "former", "closed"];
    for (const name of [...others, "stranger", "operator_1", "pooler_1", "app", "nobody"]) {
      expect(await lookUp(client, name), name).toEqual([]);
    }
    await expect(client.query("select rolpassword from pg_authid")).rejects.toThrow(/permission denied/);
  });

  test("is the only one who may ask", async () => {
    await expect(lookUp(await asApplication("postgres"), "app_1")).rejects.toThrow(/permission denied/);
    await expect(lookUp(await asOperator("postgres"), "app_1")).rejects.toThrow(/permission denied/);
  });
});

describe("a rotation", () => {
  const open = () => openLogins({ ...cluster(), logins: second, superuserPassword: "superuser-77e0" });
  const former = ["app_1", "operator_1", "pooler_1", "rewind_1"];
  const refused = /password authentication failed|is not permitted to log in/;

  beforeAll(async () => {
    // As Patroni has made them, for a cluster's first members.
    await asSuperuser(`
      drop role if exists standby_1; create role standby_1 login replication password 'standby-first';
      create role rewind_1 login password 'rewind-first';
    `);
  });

  test("lets the second logins in beside the first, and changes nothing the second time", async () => {
    await open();
    const before = await written();
    await open();
    expect(await written()).toBe(before);
    expect(await firstOf(await connect("app_2", "app_2-5ab1", "app"), "answer from kept")).toBe(42);
    expect(await firstOf(await asApplication(), "1")).toBe(1);
    for (const name of ["operator", "pooler", "rewind"]) {
      expect(await firstOf(await connect(`${name}_2`, `${name}_2-5ab1`, "postgres"), "1"), name).toBe(1);
    }
    const superuser = await asSuperuser("select rolpassword from pg_authid where rolname = 'postgres';");
    expect(isVerifierOf(superuser, "superuser-77e0")).toBe(true);
    expect(
      await asSuperuser("select rolcanlogin and rolreplication from pg_roles where rolname = 'standby_2';"),
    ).toBe("t");
    expect(await containerLog()).not.toMatch(/SCRAM-SHA-256|-5ab1|superuser-77e0/);
  });

  test("does not begin while a login that it would take is open", async () => {
    const exec = containerExec("unix:///var/run/docker.sock");
    const asking = { members: [stage.nameOf("server"), "not-there"], execOn: () => exec, deadlineMs: 10_000 };
    const remedy = "Finish that first";
    await expect(mayRotate({ ...asking, roles: ["standby_2"], remedy })).rejects.toThrow(
      "the rotation before is not finished: standby_2 can still log in; nothing was changed. Finish that first",
    );
    await expect(mayRotate({ ...asking, roles: ["app"], remedy })).resolves.toBeUndefined();
  });

  test("closes nothing while somebody streams by a former login", async () => {
    const dsn = "host=127.0.0.1 user=standby_1 password=standby-first application_name=straggler";
    const receive = `mkdir /tmp/s; nohup pg_receivewal -D /tmp/s -d '${dsn}' >/dev/null 2>&1 & echo $! >/tmp/s.pid`;
    await stage.exec("server", ["sh", "-c", receive]);
    const streams = "select count(*) from pg_stat_replication where application_name = 'straggler';";
    await eventually("it streams", 15_000, async () => (await asSuperuser(streams)) === "1" || undefined);
    const closed = ["standby_1", ...former];
    await expect(closeLogins({ ...cluster(), closed, deadlineMs: 2000 })).rejects.toThrow(
      /not within 2 s: straggler streams by standby_1\. Nothing was closed/,
    );
    expect(await firstOf(await asApplication(), "1")).toBe(1);
    await stage.exec("server", ["sh", "-c", "kill $(cat /tmp/s.pid)"]);
    await eventually("it is gone", 15_000, async () => (await asSuperuser(streams)) === "0" || undefined);
  });

  test("ends with the first logins and their sessions good for nothing", async () => {
    const session = await asApplication();
    const ended = new Promise((resolve) => session.once("end", resolve));
    await closeLogins({ ...cluster(), closed: ["standby_1", ...former, "never_was"] });
    await ended;
    connected.delete(session);
    await expect(asApplication()).rejects.toThrow(refused);
    await expect(asOperator("postgres")).rejects.toThrow(refused);
    const left = `select rolname from pg_authid
      where rolname in ('standby_1', 'app_1', 'operator_1', 'pooler_1', 'rewind_1')
      and (rolcanlogin or rolpassword is not null);`;
    expect(await asSuperuser(left)).toBe("");
    const before = await written();
    await closeLogins({ ...cluster(), closed: ["standby_1", ...former] });
    expect(await written()).toBe(before);
    expect(await firstOf(await connect("app_2", "app_2-5ab1", "app"), "answer from kept")).toBe(42);
  });
});

describe("a program in a container", () => {
  const exec = containerExec("unix:///var/run/docker.sock");
  const run = (command: string, options: { input?: string; timeoutMs?: number } = {}): Promise<ExecResult> =>
    exec(stage.nameOf("server"), ["sh", "-c", command], { user: "postgres", timeoutMs: 20_000, ...options });

  test("reads its input to the end, and both its streams and its code are told apart", async () => {
    const input = "line of text\n".repeat(100_000);
    expect(await run("wc -c; echo oops >&2; exit 3", { input })).toEqual({
      exitCode: 3,
      output: `${input.length}\n`,
      errors: "oops\n",
    });
  });

  test("is waited for no longer than it may take, and its input is not in the error", async () => {
    await expect(run("cat >/dev/null; sleep 30", { input: "hidden", timeoutMs: 500 })).rejects.toThrow(
      /^psimg-roles-[0-9a-f]+-server: sh -c cat >\/dev\/null; sleep 30: not done within 1 s$/,
    );
  });
});

async function containerLog(): Promise<string> {
  const { all } = await execa("docker", ["logs", stage.nameOf("server")], { all: true });
  return all;
}
