import { execa } from "execa";
import type { Client } from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { fromNow, makeAuthority } from "../../toolchain/zones/authority.ts";
import { hardened } from "./hardened.ts";
import { login, type Proxied, proxyFiles, shown, startProxied } from "./proxied.ts";
import { endSessions, openSession } from "./sessions.ts";
import { docker, eventually, ready } from "./stage.ts";

let proxied: Proxied;

beforeAll(async () => {
  proxied = await startProxied();
  await eventually("the server is reached by way of the pooler", 30_000, () => reached(6432));
}, 300_000);

afterEach(endSessions);

afterAll(async () => {
  await endSessions();
  await proxied?.stage.remove();
});

/** A session through HAProxy (5000), whose TLS ends at the server, or PgBouncer (6432), where it ends there. */
function connect(port: number, host = proxied.address): Promise<Client> {
  // The server is asked under the proxy's address, which is not in its certificate.
  const checkServerIdentity = () => undefined;
  const ssl = { ca: proxied.authority.certificate, checkServerIdentity };
  return openSession({ ...login, host, port, ssl });
}

/** Does the server answer by way of this port? */
async function reached(port: number): Promise<true | undefined> {
  try {
    return (await backend(await connect(port))) > 0 || undefined;
  } catch {
    return undefined;
  } finally {
    await endSessions();
  }
}

/** The server's process that a session is at. */
async function backend(client: Client): Promise<number> {
  const { rows } = await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
  return rows[0]?.pid ?? 0;
}

/** The unit of the certificate that PgBouncer serves with. */
async function servedByPooler(): Promise<string> {
  const ask = `openssl s_client -starttls postgres -connect ${proxied.address}:6432 </dev/null 2>/dev/null`;
  const name = `${ask} | openssl x509 -noout -subject -nameopt multiline | sed -n 's/ *organizationalUnitName *= //p'`;
  return docker(["exec", proxied.stage.nameOf("asked"), "sh", "-c", name]);
}

function takeCertificates() {
  return execa("docker", ["exec", proxied.stage.nameOf("proxy"), "/usr/local/bin/take-certificates"], {
    reject: false,
  });
}

function inProxy(...command: readonly string[]): Promise<string> {
  return docker(["exec", proxied.stage.nameOf("proxy"), ...command]);
}

/** The program of a process, by the user that it runs as. */
async function users(): Promise<Record<string, string>> {
  const rows = (await inProxy("ps", "-eo", "comm=,user=")).split("\n").map((row) => row.trim().split(/\s+/));
  return Object.fromEntries(rows);
}

describe("with a root file system that nobody writes to, and no right but a few", () => {
  test("all three programs run, and the proxy has the endpoint's address", async () => {
    await eventually(
      "the endpoint's address is taken",
      20_000,
      async () =>
        (await inProxy("ip", "-4", "-oneline", "address")).includes(`${proxied.virtualAddress}/32`) ||
        undefined,
    );
    const client = await connect(5000, proxied.virtualAddress);
    expect(await backend(client)).toBeGreaterThan(0);
    expect(await users()).toMatchObject({ haproxy: "haproxy", pgbouncer: "postgres", keepalived: "root" });
  });

  test("nothing is written outside of /run and /tmp, and no process may gain a right", async () => {
    await expect(inProxy("touch", "/etc/haproxy/x")).rejects.toThrow("Read-only file system");
    const status = await inProxy("sh", "-c", "cat /proc/$(pgrep -o pgbouncer)/status");
    expect(status).toMatch(/^NoNewPrivs:\s1$/m);
    expect(status).toMatch(/^CapEff:\s0+$/m);
  });

  test("what is secret is readable by its program's user and by nobody else", async () => {
    const listed = await inProxy("sh", "-c", "stat --format '%a %U %n' /run/pgbouncer/* /run/pgbouncer");
    expect(listed.split("\n").sort()).toEqual([
      "400 postgres /run/pgbouncer/ca.crt",
      "400 postgres /run/pgbouncer/pgbouncer.ini",
      "400 postgres /run/pgbouncer/tls.crt",
      "400 postgres /run/pgbouncer/tls.key",
      "400 postgres /run/pgbouncer/userlist.txt",
      "770 root /run/pgbouncer",
    ]);
    expect(await inProxy("stat", "--format", "%a %U", "/run/haproxy/admin.sock")).toBe("600 haproxy");
  });

  test("a HAProxy that is killed is started again", async () => {
    const processes = async () => (await inProxy("sh", "-c", "pgrep -x haproxy || true")).split("\n");
    const former = await processes();
    const master = await inProxy("pgrep", "-o", "-x", "haproxy");
    await inProxy("kill", "-9", master);
    // A worker outlives its master for a moment, and serves meanwhile: what goes by it is cut when it ends.
    await eventually("nothing is left of the former one", 20_000, async () =>
      (await processes()).every((process) => !former.includes(process)) ? true : undefined,
    );
    for (const port of [5000, 6432]) {
      await eventually(`another HAProxy leads from ${port} to the server`, 20_000, () => reached(port));
    }
  });
});

describe("take-certificates", () => {
  test("puts renewed files into force: sessions go on, new handshakes show the new certificate", async () => {
    const direct = await connect(5000);
    const pooled = await connect(6432);
    await pooled.query("BEGIN");
    const before = [await backend(direct), await backend(pooled)];
    expect(await servedByPooler()).toBe("first");
    expect((await shown(proxied.stage)).at(-1)).toBe("first");

    const renewed = await proxied.proxyCertificate("renewed");
    await proxied.giveProxy(proxyFiles(proxied.authority, renewed));
    expect(await takeCertificates()).toMatchObject({ exitCode: 0, stdout: "", stderr: "" });

    expect(await servedByPooler()).toBe("renewed");
    await eventually("a check shows the new certificate", 5_000, async () =>
      (await shown(proxied.stage)).at(-1) === "renewed" ? true : undefined,
    );
    expect([await backend(direct), await backend(pooled)]).toEqual(before);
    await pooled.query("COMMIT");
  }, 60_000);

  test("has both trusted authorities in force while one takes over from the other", async () => {
    const other = await makeAuthority("another");
    const issued = await proxied.proxyCertificate("both trusted");
    const client = await connect(5000);
    const before = await backend(client);
    const both = { certificate: other.certificate + proxied.authority.certificate };
    await proxied.giveProxy(proxyFiles(both, issued));
    expect(await takeCertificates()).toMatchObject({ exitCode: 0, stderr: "" });
    await eventually("a check shows the certificate", 5_000, async () =>
      (await shown(proxied.stage)).at(-1) === "both trusted" ? true : undefined,
    );
    expect(await backend(client)).toBe(before);

    await proxied.giveProxy(proxyFiles(other, issued));
    expect(await takeCertificates()).toMatchObject({ exitCode: 0, stderr: "" });
    const leads = async () =>
      /^leader,one,.*,UP,/m.test(await inProxy("bash", "-c", "haproxy-command 1 <<<'show stat'"));
    await eventually("who has a certificate of the first one is believed no more", 10_000, async () =>
      (await leads()) ? undefined : true,
    );
    await proxied.giveProxy(proxyFiles(both, issued));
    expect((await takeCertificates()).exitCode).toBe(0);
    await eventually("and is believed again", 10_000, async () => (await leads()) || undefined);
  }, 60_000);

  test.each([
    ["a key that is another's", "HAProxy does not take /etc/identity/tls.pem"],
    ["a certificate that has expired", "/etc/identity/tls.crt expired on "],
  ])(
    "refuses %s, says so, and leaves in force what was",
    async (what, message) => {
      const good = await proxied.proxyCertificate("good");
      await proxied.giveProxy(proxyFiles(proxied.authority, good));
      expect((await takeCertificates()).exitCode).toBe(0);
      const bad = await proxied.proxyCertificate(
        "bad",
        what.includes("expired") ? fromNow(-60_000) : undefined,
      );
      const privateKey = what.includes("key") ? good.privateKey : bad.privateKey;
      await proxied.giveProxy(proxyFiles(proxied.authority, { ...bad, privateKey }));
      const taken = await takeCertificates();
      expect(taken.exitCode).toBe(1);
      expect(taken.stderr).toContain(message);
      expect(taken.stderr).not.toContain("PRIVATE KEY");
      expect(await servedByPooler()).toBe("good");
      const checks = (await shown(proxied.stage)).length;
      await eventually("more checks are made", 10_000, async () =>
        (await shown(proxied.stage)).length > checks + 2 ? true : undefined,
      );
      expect((await shown(proxied.stage)).at(-1)).toBe("good");
    },
    60_000,
  );
});

describe("at its start", () => {
  test("an expired certificate is an exit with its date, until the file is renewed", async () => {
    const { stage, authority } = proxied;
    const expires = new Date("2026-01-02T03:04:05Z");
    const late = await authority.issue({ unit: "late", expires });
    const options = [
      "--restart",
      "always",
      ...hardened.proxy,
      ...(await stage.identity("late", proxyFiles(authority, late))),
    ];
    await stage.start("late", await ready("proxy"), options);
    const said = async () => (await execa("docker", ["logs", stage.nameOf("late")], { all: true })).all;
    const line = "error: /etc/identity/tls.crt expired on 2026-01-02T03:04:05Z; run `pulumi up` to renew it";
    await eventually("it says why", 10_000, async () => (await said()).includes(line) || undefined);
    await stage.identity("late", proxyFiles(authority, await authority.issue({ unit: "in time" })));
    await eventually("it runs", 30_000, async () => {
      const programs = await execa("docker", ["top", stage.nameOf("late")], { reject: false });
      return programs.stdout.includes("runsvdir") || undefined;
    });
  }, 60_000);

  test("without a certificate PgBouncer does not serve, and says so", async () => {
    const { stage } = proxied;
    const files = { "pgbouncer.ini": { content: "" }, "userlist.txt": { content: "" } };
    await stage.start("bare", await ready("proxy"), [
      ...hardened.proxy,
      ...(await stage.identity("bare", files)),
    ]);
    const line =
      "error: /etc/identity/tls.key is not there: PgBouncer serves with a certificate of the cluster";
    await eventually("it says so", 10_000, async () => {
      const { all } = await execa("docker", ["logs", stage.nameOf("bare")], { all: true });
      return all.includes(line) || undefined;
    });
  }, 30_000);
});
