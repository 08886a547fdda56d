import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { answers, type ClusterOfOne, secrets, startClusterOfOne } from "./cluster-of-one.ts";
import { docker, eventually } from "./stage.ts";

let member: ClusterOfOne;

beforeAll(async () => {
  member = await startClusterOfOne("member");
}, 300_000);

afterAll(() => member?.stage.remove());

const credentials = `Basic ${Buffer.from(`operator:${secrets.rest}`).toString("base64")}`;

describe("the REST API", () => {
  test.each(["switchover", "failover", "restart", "reinitialize", "reload"])(
    "refuses POST /%s without credentials",
    async (verb) => {
      expect((await fetch(`${member.rest}/${verb}`, { method: "POST", body: "{}" })).status).toBe(401);
    },
  );

  test("refuses PATCH /config without credentials", async () => {
    expect((await fetch(`${member.rest}/config`, { method: "PATCH", body: "{}" })).status).toBe(401);
  });

  test("changes what is the cluster's, and not what a member sets for itself", async () => {
    const parameters = {
      work_mem: "7MB",
      shared_buffers: "64MB",
      archive_command: "false",
      log_directory: "x",
    };
    const response = await fetch(`${member.rest}/config`, {
      method: "PATCH",
      headers: { authorization: credentials },
      body: JSON.stringify({ postgresql: { parameters } }),
    });
    expect(response.status).toBe(200);
    await eventually("work_mem is in force", 20_000, async () =>
      (await member.sql("SHOW work_mem")) === "7MB" ? true : undefined,
    );
    expect(await member.sql("SHOW shared_buffers")).toBe("256MB");
    expect(await member.sql("SHOW log_directory")).toBe("../pg_log");
    expect(await member.sql("SHOW archive_command")).toContain("wal-g wal-push");
  });
});

test("the cluster is born with Spilo's settings and roles, and PATRONI_ variables do not reach the daemon", async () => {
  const settings = "SELECT name, setting FROM pg_settings WHERE name = ANY";
  const names = "ARRAY['archive_timeout','log_statement','cluster_name','wal_log_hints','data_checksums']";
  expect((await member.sql(`${settings}(${names}) ORDER BY 1`)).split("\n")).toEqual([
    "archive_timeout|1800",
    "cluster_name|one",
    "data_checksums|on",
    "log_statement|ddl",
    "wal_log_hints|on",
  ]);
  const roles = "SELECT rolname, rolcanlogin FROM pg_roles WHERE rolname !~ '^pg_' ORDER BY 1";
  expect((await member.sql(roles)).split("\n")).toEqual([
    ...["admin|f", "postgres|t", "robot_zmon|f", "standby|t", "zalandos|f"],
  ]);
});

test("passwords are stored as SCRAM verifiers and are in no log", async () => {
  const forms = "SELECT DISTINCT left(rolpassword, 14) FROM pg_authid WHERE rolpassword IS NOT NULL";
  expect(await member.sql(forms)).toBe("SCRAM-SHA-256$");
  const logs = await member.stage.exec("member", ["sh", "-c", "cat /home/postgres/pgdata/pgroot/pg_log/*"]);
  const output = await execa("docker", ["logs", member.stage.nameOf("member")], { all: true });
  const commandLines = await member.stage.exec("member", ["ps", "axo", "args"]);
  for (const secret of Object.values(secrets)) {
    expect(logs + output.all + commandLines).not.toContain(secret);
  }
});

test("connections from outside are encrypted or rejected", async () => {
  const connect = (mode: string) => {
    const connection = `host=${member.stage.nameOf("member")} user=postgres sslmode=${mode}`;
    const args = ["exec", "--env", `PGPASSWORD=${secrets.superuser}`, member.stage.nameOf("member")];
    return execa("docker", [...args, "psql", "-XAtc", "SELECT 1", connection], { reject: false });
  };
  expect((await connect("require")).stdout).toBe("1");
  expect((await connect("disable")).stderr).toContain("no encryption");
});

test("the page on 8080 listens where bg_mon.listen_address says", async () => {
  const page = await member.stage.exec("member", ["curl", "--silent", "http://127.0.0.1:8080/"]);
  expect(JSON.parse(page)).toMatchObject({ hostname: member.stage.nameOf("member") });
  expect(await answers(member.rest.replace(":8008", ":8080"))).toBeUndefined();
});

test("patronictl knows the cluster", async () => {
  const list = await member.stage.exec("member", [
    "env",
    "-u",
    "PATRONI_SCOPE",
    "patronictl",
    "list",
    "-f",
    "json",
  ]);
  expect(JSON.parse(list)).toMatchObject([{ Member: member.stage.nameOf("member"), Role: "Leader" }]);
});

test("a Patroni that is killed is started again, and the server goes on", async () => {
  const started = await member.sql("SELECT pg_postmaster_start_time()");
  const pid = await member.stage.exec("member", ["pgrep", "-f", "/usr/local/bin/[p]atroni"]);
  await member.stage.exec("member", ["kill", "-9", pid]);
  await eventually("another Patroni leads", 30_000, async () => {
    const now = await member.stage
      .exec("member", ["pgrep", "-f", "/usr/local/bin/[p]atroni"])
      .catch(() => pid);
    return now === pid ? undefined : answers(`${member.rest}/primary`);
  });
  expect(await member.sql("SELECT pg_postmaster_start_time()")).toBe(started);
});

test("SIGTERM stops PostgreSQL cleanly, and a restarted container keeps its configuration", async () => {
  const name = member.stage.nameOf("member");
  const control = ["pg_controldata", "/home/postgres/pgdata/pgroot/data"];
  const before = await member.stage.exec("member", ["md5sum", "/run/postgres.yml", "/run/certs/server.key"]);
  await docker(["stop", "--time", "60", name]);
  expect(await docker(["inspect", "--format", "{{.State.ExitCode}}", name])).toBe("0");
  const image = await docker(["inspect", "--format", "{{.Image}}", name]);
  const copy = await execa("docker", ["cp", `${name}:${control[1]}/global/pg_control`, "-"], {
    encoding: "buffer",
  });
  const state = "mkdir -p /tmp/d/global && tar x -C /tmp/d/global && pg_controldata /tmp/d";
  const read = await execa("docker", ["run", "--rm", "-i", image, "sh", "-c", state], { input: copy.stdout });
  expect(read.stdout).toMatch(/cluster state: +shut down\n/);
  await docker(["start", name]);
  await eventually("the member leads again", 60_000, () => answers(`${member.rest}/primary`));
  expect(await member.stage.exec("member", ["md5sum", "/run/postgres.yml", "/run/certs/server.key"])).toBe(
    before,
  );
});
