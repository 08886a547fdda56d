import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fromNow, makeAuthority } from "../../toolchain/zones/authority.ts";
import { type ClusterOfOne, leads, secrets, startClusterOfOne } from "./cluster-of-one.ts";
import { hardened } from "./hardened.ts";
import { docker, environment, eventually, identityFiles, owners, ready } from "./stage.ts";

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
      expect((await member.ask(`/${verb}`, { method: "POST", body: "{}" })).status).toBe(401);
    },
  );

  test("refuses PATCH /config without credentials", async () => {
    expect((await member.ask("/config", { method: "PATCH", body: "{}" })).status).toBe(401);
  });

  test("changes what is the cluster's, and not what a member sets for itself", async () => {
    const parameters = {
      work_mem: "7MB",
      shared_buffers: "64MB",
      archive_command: "false",
      log_directory: "x",
    };
    const response = await member.ask("/config", {
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

test("whoever shows no certificate is not even answered", async () => {
  const trusting = ["--cacert", "/etc/identity/ca.crt"];
  const ask = `https://${member.stage.nameOf("member")}:8008/patroni`;
  const asked = member.stage.exec("member", ["curl", "--silent", "--show-error", ...trusting, ask]);
  await expect(asked).rejects.toThrow(/certificate required/);
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
  await expect(fetch(`http://${member.address}:8080/`)).rejects.toThrow("fetch failed");
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
    return now === pid ? undefined : leads(member);
  });
  expect(await member.sql("SELECT pg_postmaster_start_time()")).toBe(started);
});

/** The unit that PostgreSQL (5432) or the REST API (8008) shows. */
async function unitOf(port: 5432 | 8008): Promise<string> {
  const how = port === 5432 ? "-starttls postgres" : "-cert /etc/identity/tls.crt -key /etc/identity/tls.key";
  const ask = `openssl s_client -connect localhost:${port} ${how} </dev/null 2>/dev/null`;
  const name = "openssl x509 -noout -subject -nameopt multiline | sed -n 's/ *organizationalUnitName *= //p'";
  return await member.stage.exec("member", ["sh", "-c", `${ask} | ${name}`]);
}

test("a renewed certificate is taken up by PostgreSQL and the REST API; nothing is started again", async () => {
  const started = await member.sql("SELECT pg_postmaster_start_time()");
  expect([await unitOf(5432), await unitOf(8008)]).toEqual(["member", "member"]);
  await member.renew("renewed");
  await docker(["exec", member.stage.nameOf("member"), "sv", "hup", "/run/service/patroni"]);
  await eventually(
    "both show the new one",
    10_000,
    async () => [await unitOf(5432), await unitOf(8008)].every((name) => name === "renewed") || undefined,
  );
  expect(await member.sql("SELECT pg_postmaster_start_time()")).toBe(started);
});

test("scheduled work runs, with the few rights that the container has", async () => {
  await eventually("cron has run", 70_000, async () => {
    const ran = await member.stage.exec("member", ["sh", "-c", "ls -l /tmp/cron-ran 2>/dev/null || true"]);
    return ran.includes("postgres") || undefined;
  });
  const status = await docker(["exec", member.stage.nameOf("member"), "cat", "/proc/1/status"]);
  expect(status).toMatch(/^NoNewPrivs:\s1$/m);
}, 80_000);

describe("at its start", () => {
  /** Runs a member whose certificate and authority expire then, to its end. */
  async function start(certificateExpires: Date, authorityExpires: Date) {
    const authority = await makeAuthority("expiring", authorityExpires);
    const issued = await authority.issue({ unit: "late", expires: certificateExpires });
    const identity = await member.stage.identity("late", identityFiles(authority, issued), owners.postgres);
    const path = "/etc/identity";
    const variables = environment({
      ETCD3_CERT: `${path}/tls.crt`,
      SSL_CA_FILE: `${path}/ca.crt`,
      SSL_CERTIFICATE_FILE: `${path}/tls.crt`,
      SSL_PRIVATE_KEY_FILE: `${path}/tls.key`,
      SSL_RESTAPI_CERTIFICATE_FILE: "/no/such/file",
    });
    const args = ["run", "--rm", ...hardened.spilo, ...identity, ...variables, await ready("spilo")];
    const { exitCode, stderr } = await execa("docker", args, { reject: false, timeout: 20_000 });
    return { exitCode, errors: stderr.split("\n").filter((line) => line.startsWith("error: ")) };
  }

  const past = new Date("2026-01-02T03:04:05Z");
  const line = (file: string) =>
    `error: /etc/identity/${file} expired on 2026-01-02T03:04:05Z; run \`pulumi up\` to renew it`;

  test("an expired certificate stops the container, which says which and when", async () => {
    expect(await start(past, fromNow(60_000))).toEqual({ exitCode: 1, errors: [line("tls.crt")] });
  });

  test("so does an expired authority", async () => {
    expect(await start(fromNow(60_000), past)).toEqual({ exitCode: 1, errors: [line("ca.crt")] });
  });
});

test("SIGTERM stops PostgreSQL cleanly, and a restarted container keeps its configuration", async () => {
  const name = member.stage.nameOf("member");
  const control = ["pg_controldata", "/home/postgres/pgdata/pgroot/data"];
  const before = await member.stage.exec("member", ["md5sum", "/run/postgres.yml"]);
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
  await eventually("the member leads again", 60_000, () => leads(member));
  expect(await member.stage.exec("member", ["md5sum", "/run/postgres.yml"])).toBe(before);
});
