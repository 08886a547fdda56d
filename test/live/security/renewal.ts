import { setTimeout as pause } from "node:timers/promises";
import { execa } from "execa";
import type pg from "pg";
import { expect, it, onTestFinished } from "vitest";
import { issueCertificate } from "../../../actions/certificates/certificates.ts";
import { peerCertificate } from "../../../actions/certificates/peer-certificate.ts";
import { writePartFiles } from "../../../actions/engine/part-files.ts";
import { waitFor } from "../../../actions/wait.ts";
import { identityFiles } from "../../../cluster/render/container-paths.ts";
import { containerIds } from "../engine.ts";
import { secretOutput } from "../secrets.ts";
import { connect } from "../sql.ts";
import { startWriter } from "../writer.ts";
import type { Attacked, Get } from "./context.ts";

const MINUTE = 60_000;

export function renewalTests(get: Get): void {
  it("is renewed everywhere under a writer: nothing is replaced, no session lost, no row missing", {
    timeout: 3 * MINUTE,
  }, async () => {
    const { world, cluster, name } = get();
    const [ids, shown] = [await containerIds(name), await fingerprints(get())];
    const logins = [
      cluster.endpoint,
      cluster.readOnly,
      { ...cluster.endpoint, port: 6432 },
      ...cluster.direct,
    ];
    const sessions = await Promise.all(logins.map(connect));
    onTestFinished(async () => {
      await Promise.all(sessions.map((client) => client.end().catch(() => undefined)));
    });
    const writer = await startWriter(cluster.endpoint);
    await writer.writes(50, 20_000);
    await world.specify(["tls", "leafDays"], 90);
    await world.pulumi("up", "--yes", "--skip-preview");
    await writer.writes(50, 20_000);
    const { acknowledged, missing, longestGapMs } = await writer.stop();
    console.log(
      `all certificates renewed: longest write gap ${(longestGapMs / 1000).toFixed(2)} s, ${acknowledged} rows acknowledged, ${missing.length} missing`,
    );
    expect(missing).toEqual([]);
    expect(await Promise.all(sessions.map(isAlive))).not.toContain(false);
    expect(await containerIds(name)).toEqual(ids);
    const now = await fingerprints(get());
    expect(now.filter((fingerprint, index) => fingerprint === shown[index])).toEqual([]);
    await world.pulumi("preview", "--refresh", "--expect-no-changes");
  });

  it("is refused once it has expired, and made good by the next refresh", {
    timeout: 3 * MINUTE,
  }, async () => {
    const { world, cluster } = get();
    const standby = await someStandby(get());
    await showForSeconds(get(), standby, 20);
    const login = cluster.direct[Number(standby.slice(-1)) - 1] ?? {};
    await isAlive(await connect(login));
    await waitFor({ what: "the certificate is refused", deadlineMs: 40_000 }, async () => {
      const said = await connect(login).then(
        () => "it is taken",
        (error: Error) => error.message,
      );
      return /expired/.test(said) ? { found: said } : { pending: said };
    });
    await world.pulumi("up", "--yes", "--skip-preview", "--refresh");
    expect(await isAlive(await connect(login))).toBe(true);
    await cluster.inSync(2);
  });
}

/** What every port with TLS shows now. */
async function fingerprints({ prefix }: Attacked): Promise<string[]> {
  const ports = [
    ...[11, 12, 13].flatMap((last) => [
      { last, port: 5432, protocol: "postgres" as const },
      { last, port: 8008, protocol: "tls" as const },
    ]),
    ...[31, 32, 33].flatMap((last) => [2379, 2380].map((port) => ({ last, port, protocol: "tls" as const }))),
    ...[21, 22].map((last) => ({ last, port: 6432, protocol: "postgres" as const })),
    { last: 41, port: 9000, protocol: "tls" as const },
  ];
  return await Promise.all(
    ports.map(async ({ last, port, protocol }) => {
      const shown = await peerCertificate({ host: `${prefix}${last}`, port, protocol });
      return shown?.fingerprint256 ?? `no certificate at ${prefix}${last}:${port}`;
    }),
  );
}

async function someStandby({ cluster, name }: Attacked): Promise<string> {
  const leader = await cluster.leader();
  return `${name}-${leader.endsWith("-1") ? 2 : 1}`;
}

/** Gives a member a certificate of the cluster's own authority that ends very soon. */
async function showForSeconds(
  { world, name, prefix }: Attacked,
  member: string,
  seconds: number,
): Promise<void> {
  const authority = {
    certificate: await secretOutput(world, `${name}-authority`, "certificate"),
    privateKey: await secretOutput(world, `${name}-authority`, "privateKey"),
  };
  const soon = await issueCertificate({
    authority,
    commonName: member,
    dnsNames: [member],
    addresses: [`${prefix}1${member.at(-1)}`],
    uses: ["server", "client"],
    days: seconds / 86_400,
    now: new Date(),
  });
  const { stdout: image } = await execa("docker", ["inspect", "--format", "{{.Image}}", member]);
  const volume = await secretOutput(world, `${member}-identity`, "name");
  await writePartFiles({ engine: "unix:///var/run/docker.sock", image, volume }, "postgres", {
    [identityFiles.certificate]: { content: soon.certificate, mode: 0o644 },
    [identityFiles.key]: { content: soon.privateKey, mode: 0o600 },
  });
  await execa("docker", ["exec", member, "sv", "hup", "/run/service/patroni"]);
  await pause(2000);
}

async function isAlive(client: pg.Client): Promise<boolean> {
  return await client.query("select 1").then(
    () => true,
    () => false,
  );
}
