import { createHash } from "node:crypto";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Authority, makeAuthority } from "../../toolchain/zones/authority.ts";
import { hardened } from "./hardened.ts";
import {
  docker,
  environment,
  eventually,
  type FileInVolume,
  identityFiles,
  makeStage,
  owners,
  ready,
  type Stage,
} from "./stage.ts";

let stage: Stage;
let authority: Authority;

beforeAll(async () => {
  stage = await makeStage("other");
  authority = await makeAuthority("cluster");
  await stage.start("probe", await ready("probe"), await probeIdentity());
}, 300_000);

afterAll(() => stage?.remove());

/** From outside: a client of the cluster, with a certificate of its authority. */
function probe(...command: readonly string[]) {
  return execa("docker", ["exec", stage.nameOf("probe"), ...command], { reject: false });
}

async function probeIdentity(): Promise<string[]> {
  const client = await authority.issue({ unit: "root" });
  return await stage.identity("probe", identityFiles(authority, client));
}

const trusting = ["--silent", "--show-error", "--cacert", "/etc/identity/ca.crt"];

describe("etcd", () => {
  test("is there with its tools, at the official image's paths", async () => {
    const script = "/usr/local/bin/etcd --version && /usr/local/bin/etcdctl version";
    const versions = await docker(["run", "--rm", await ready("etcd"), "sh", "-c", script]);
    expect(versions).toMatch(/etcd Version: 3\.5/);
    expect(versions).toMatch(/etcdctl version: 3\.5/);
  });

  test("runs without a right, answers those who show a certificate, and reads its own anew", async () => {
    const name = stage.nameOf("voter");
    const issue = async (unit: string) =>
      identityFiles(authority, await authority.issue({ unit, dnsNames: [name], addresses: ["127.0.0.1"] }));
    const files = { ...(await issue("first")), "etcd.yml": { content: JSON.stringify(voter(name)) } };
    const data = ["--volume", `${await stage.volume("voter")}:/var/lib/etcd`];
    const command = ["/usr/local/bin/etcd", "--config-file=/etc/identity/etcd.yml"];
    const identity = await stage.identity("voter", files);
    await stage.start("voter", await ready("etcd"), [...hardened.etcd, ...data, ...identity], command);

    const endpoint = ["--endpoints", `https://${name}:2379`, "--cacert", "/etc/identity/ca.crt"];
    const certificate = ["--cert", "/etc/identity/tls.crt", "--key", "/etc/identity/tls.key"];
    const put = () => probe("etcdctl", ...endpoint, ...certificate, "put", "key", "value");
    await eventually("the voter writes", 20_000, async () =>
      (await put()).stdout === "OK" ? true : undefined,
    );
    expect((await probe("etcdctl", ...endpoint, "put", "key", "other")).exitCode).not.toBe(0);
    expect(await unitOf(`${name}:2379`)).toBe("first");

    await stage.identity("voter", await issue("renewed"));
    expect(await unitOf(`${name}:2379`)).toBe("renewed");
    expect((await put()).stdout).toBe("OK");
    expect(await rights("voter")).toEqual({ user: "0", effective: 0, bounding: 0, noNewPrivileges: true });
  }, 60_000);
});

test("the proxy has HAProxy 2.6, keepalived and PgBouncer", async () => {
  const script = "haproxy -v; keepalived -v 2>&1; pgbouncer --version";
  const versions = await docker(["run", "--rm", await ready("proxy"), "sh", "-c", script]);
  expect(versions).toMatch(/HAProxy version 2\.6/);
  expect(versions).toMatch(/Keepalived v2/);
  expect(versions).toMatch(/PgBouncer 1\.2[4-9]/);
});

describe("the S3 server", () => {
  const password = "not-a-secret";
  const variables = environment({
    MINIO_ROOT_USER: "tester",
    MINIO_ROOT_PASSWORD_FILE: "/etc/identity/root-password",
  });

  async function filesNamed(unit: string): Promise<Record<string, FileInVolume>> {
    const { certificate, privateKey } = await authority.issue({ unit, dnsNames: [stage.nameOf("s3")] });
    return {
      "public.crt": { content: certificate, mode: 0o644 },
      "private.key": { content: privateKey },
      "root-password": { content: password },
    };
  }

  async function serve(): Promise<void> {
    const options = ["--volume", `${await stage.volume("data")}:/data`, ...hardened.s3, ...variables];
    const identity = await stage.identity("s3", await filesNamed("first"), owners.minio);
    await stage.start("s3", await ready("s3"), [...options, ...identity]);
    await eventually("the S3 server answers", 20_000, async () => {
      const live = await probe(
        "curl",
        ...trusting,
        "--fail",
        `https://${stage.nameOf("s3")}:9000/minio/health/live`,
      );
      return live.exitCode === 0 || undefined;
    });
  }

  /** The status of a request that is signed with a password. */
  async function status(method: string, path: string, secret = password): Promise<string> {
    const answer = await probe(
      ...["curl", ...trusting, "--output", "/dev/null", "--write-out", "%{http_code}", "--request", method],
      ...["--aws-sigv4", "aws:amz:us-east-1:s3", "--user", `tester:${secret}`],
      // Curl leaves it to whoever signs for S3 to say what is in the body: nothing.
      ...["--header", `x-amz-content-sha256: ${createHash("sha256").digest("hex")}`],
      `https://${stage.nameOf("s3")}:9000${path}`,
    );
    return answer.stdout;
  }

  test("runs without a right, by https alone, and what it stored outlives the container", async () => {
    await serve();
    expect(await status("PUT", "/bucket")).toBe("200");
    expect(await status("PUT", "/other", "minioadmin")).toBe("403");
    const plain = await probe(
      "curl",
      "--silent",
      "--fail",
      `http://${stage.nameOf("s3")}:9000/minio/health/live`,
    );
    expect(plain.exitCode).not.toBe(0);
    expect(await rights("s3")).toEqual({ user: "1000", effective: 0, bounding: 0, noNewPrivileges: true });
    expect(await docker(["inspect", stage.nameOf("s3")])).not.toContain(password);

    await docker(["rm", "--force", stage.nameOf("s3")]);
    await serve();
    expect(await status("GET", "/bucket?location=")).toBe("200");
  }, 120_000);

  test("takes a renewed certificate when its first process is told to", async () => {
    const address = `${stage.nameOf("s3")}:9000`;
    expect(await unitOf(address)).toBe("first");
    await stage.identity("s3", await filesNamed("renewed"), owners.minio);
    const started = await docker(["inspect", "--format", "{{.State.StartedAt}}", stage.nameOf("s3")]);
    await docker(["exec", "--user", "minio", stage.nameOf("s3"), "sh", "-c", "kill -HUP 1"]);
    await eventually("the certificate is the new one", 5_000, async () =>
      (await unitOf(address)) === "renewed" ? true : undefined,
    );
    expect(await docker(["inspect", "--format", "{{.State.StartedAt}}", stage.nameOf("s3")])).toBe(started);
  }, 30_000);

  test.each([
    ["public.crt", "plain http"],
    ["private.key", "plain http"],
    ["root-password", "a password that everybody knows"],
  ])("does not start without %s: it would use %s", async (missing) => {
    const { [missing]: _, ...files } = await filesNamed("whole");
    const identity = await stage.identity(`no-${missing}`, files, owners.minio);
    const run = await execa(
      "docker",
      ["run", "--rm", ...hardened.s3, ...variables, ...identity, await ready("s3")],
      {
        reject: false,
      },
    );
    expect(run.exitCode).toBe(1);
    expect(run.stderr).toContain(`error: /etc/identity/${missing} is not there, or minio may not read it`);
  });
});

test("the probe has what a cluster is looked at with", async () => {
  const programs = ["nmap", "tshark", "curl", "openssl", "psql", "etcdctl", "python3"];
  const found = await probe("sh", "-c", `for name in ${programs.join(" ")}; do command -v $name; done`);
  expect(found.stdout.split("\n").map((path) => path.split("/").at(-1))).toEqual(programs);
});

/** The unit that a server shows. */
async function unitOf(address: string): Promise<string> {
  const client = "-cert /etc/identity/tls.crt -key /etc/identity/tls.key";
  const ask = `openssl s_client -connect ${address} ${client} </dev/null 2>/dev/null`;
  const name = "openssl x509 -noout -subject -nameopt multiline | sed -n 's/ *organizationalUnitName *= //p'";
  return (await probe("sh", "-c", `${ask} | ${name}`)).stdout;
}

/** What a container's first process may do. */
async function rights(part: string) {
  const status = await docker(["exec", stage.nameOf(part), "cat", "/proc/1/status"]);
  const field = (name: string) => new RegExp(`^${name}:\\s+(\\S+)`, "m").exec(status)?.[1] ?? "";
  return {
    user: field("Uid"),
    effective: Number.parseInt(field("CapEff"), 16),
    bounding: Number.parseInt(field("CapBnd"), 16),
    noNewPrivileges: field("NoNewPrivs") === "1",
  };
}

function voter(name: string): object {
  const files = { "cert-file": "tls.crt", "key-file": "tls.key", "trusted-ca-file": "ca.crt" };
  const paths = Object.fromEntries(
    Object.entries(files).map(([key, file]) => [key, `/etc/identity/${file}`]),
  );
  const security = { ...paths, "client-cert-auth": true };
  return {
    name,
    "data-dir": "/var/lib/etcd",
    "listen-client-urls": "https://0.0.0.0:2379",
    "advertise-client-urls": `https://${name}:2379`,
    "listen-peer-urls": "https://0.0.0.0:2380",
    "initial-advertise-peer-urls": `https://${name}:2380`,
    "initial-cluster": `${name}=https://${name}:2380`,
    "client-transport-security": security,
    "peer-transport-security": security,
  };
}
