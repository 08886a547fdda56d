import type { Client } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type CertifiedKey,
  type Issued,
  issueCertificate,
  makeAuthority,
} from "../../actions/certificates/certificates.ts";
import type { PartFiles } from "../../actions/certificates/identity.ts";
import { isTaken } from "../../actions/certificates/taken-certificate.ts";
import { formerAuthorities } from "../../cluster/index.ts";
import type { KindContext } from "../../provider/kind.ts";
import { distrusted } from "../../provider/kinds/distrusted.ts";
import { identity } from "../../provider/kinds/identity.ts";
import { trusted } from "../../provider/kinds/trusted.ts";
import { endSessions, openSession } from "./sessions.ts";
import { application, leaderOf, type SmallCluster, startSmallCluster, streams } from "./small-cluster.ts";
import { docker, eventually } from "./stage.ts";

const now = new Date();
const lines: string[] = [];
const context: KindContext = { report: (line) => lines.push(line), signal: new AbortController().signal };

let [former, next]: Issued[] = [];
let cluster: SmallCluster;
let started: Record<string, string>;
/** One that is opened before, and stays; a former worker of HAProxy has it at the end. */
let session: Client;
let process: unknown;

beforeAll(async () => {
  [former, next] = [
    await makeAuthority({ commonName: "rotation CA 1", years: 1, now }),
    await makeAuthority({ commonName: "rotation CA 2", years: 1, now }),
  ];
  cluster = await startSmallCluster(former);
  await eventually("the proxy leads to the leader", 30_000, () => reached(former));
  started = await starts();
  session = await connect(former);
  process = await backend();
}, 300_000);

afterAll(async () => {
  await endSessions();
  await cluster?.remove();
});

/** A session by way of the proxy, which takes a certificate of this authority alone. */
function connect(authority: CertifiedKey | undefined) {
  const [proxy] = cluster.plan.proxies;
  const port = cluster.plan.endpoint.readWritePort;
  return openSession({
    ...application,
    host: proxy?.address ?? "",
    port,
    ssl: { ca: authority?.certificate },
  });
}

async function reached(authority: CertifiedKey | undefined): Promise<true | undefined> {
  try {
    await connect(authority);
    return true;
  } catch {
    return undefined;
  }
}

/** The server's process that the session is at: another one, or none, if it was cut. */
async function backend(): Promise<unknown> {
  return (await session.query("SELECT pg_backend_pid() AS pid")).rows;
}

/** When each container was started. */
async function starts(): Promise<Record<string, string>> {
  const names = cluster.parts.map(({ part }) => part);
  const told = await docker(["inspect", "--format", "{{.Name}} {{.State.StartedAt}}", ...names]);
  return Object.fromEntries(told.split("\n").map((line) => line.slice(1).split(" ")));
}

/** Is a certificate of this authority taken? One answer for every place that wants to see one. */
async function takenEverywhere(authority: CertifiedKey | undefined): Promise<boolean[]> {
  if (authority === undefined) throw new Error("there is no authority");
  const names = { commonName: "probe", dnsNames: [], addresses: [], uses: ["client"] as const };
  const shown = await issueCertificate({ authority, ...names, days: 1, now });
  const places = cluster.parts.filter(({ reads }) => reads !== "reload").flatMap(({ served }) => served);
  return [...new Set(await Promise.all(places.map((place) => isTaken(place, shown))))];
}

function keyed(authority: Issued | undefined) {
  return { certificate: authority?.certificate ?? "", privateKey: authority?.privateKey ?? "" };
}

/** What is declared before the rotation and after it. */
function declared() {
  const common = { cluster: cluster.plan.cluster, deadlineSeconds: 60 };
  const [before, authority] = [keyed(former), keyed(next)];
  const names = formerAuthorities(authority.certificate, before.certificate, "");
  return { olds: { ...common, authority: before }, news: { ...common, authority, former: names } };
}

let files: PartFiles[];

describe("another authority", () => {
  test("comes to be trusted beside the former, by all parts and while sessions go on", async () => {
    const { olds, news } = declared();
    expect(await takenEverywhere(next)).toEqual([false]);

    await trusted.update?.(olds, { ...news, parts: cluster.parts }, context);

    expect(await takenEverywhere(former)).toEqual([true]);
    expect(await takenEverywhere(next)).toEqual([true]);
    expect(await backend()).toEqual(process);
    expect(await streams(cluster)).toBe(true);
  }, 120_000);

  test("signs what each part shows from then on", async () => {
    const { news } = declared();
    if (next === undefined) throw new Error("there is no authority");
    const by = next;
    files = await Promise.all(cluster.parts.map((part) => cluster.issue(part, by)));
    for (const [index, part] of cluster.parts.entries()) {
      const own = files[index] ?? {};
      const ca = { content: by.certificate, mode: 0o644, former: news.former };
      const owner = part.reads === "certificate" ? "postgres" : "root";
      const wanted = { ...part, owner, files: { ...own, "ca.crt": ca }, deadlineSeconds: 60 };
      await identity.update?.({}, wanted, context);
      expect(await takenEverywhere(former)).toEqual([true]);
    }
    await eventually("a client that knows the new one is led to the leader", 10_000, () => reached(next));
    expect(await reached(former)).toBeUndefined();
    expect(await streams(cluster)).toBe(true);
  }, 120_000);

  test("is the only one at the end: what the former has signed is refused", async () => {
    const { olds, news } = declared();
    const parts = cluster.parts.map((part, index) => ({ ...part, files: files[index] }));

    await distrusted.update?.(olds, { ...news, parts }, context);

    expect(await takenEverywhere(former)).toEqual([false]);
    expect(await takenEverywhere(next)).toEqual([true]);
    expect(await backend()).toEqual(process);
    expect(await reached(next)).toBe(true);
  }, 120_000);

  test("has members that replicate and take each other's certificates anew", async () => {
    const leader = await leaderOf(cluster);
    await cluster.sql(leader, "SELECT pg_terminate_backend(pid) FROM pg_stat_replication");
    await eventually("the standby streams again", 20_000, () => streams(cluster));
    // Patroni asks etcd and the other member on new connections too, or it would lose the leadership by now.
    expect(await leaderOf(cluster)).toBe(leader);
    // A worker of HAProxy that still checks with what it read once would have cut it by now.
    expect(await backend()).toEqual(process);
  }, 60_000);

  test("has restarted voters alone", async () => {
    const restarted = Object.entries(await starts()).filter(([name, time]) => started[name] !== time);
    expect(restarted.map(([name]) => name).sort()).toEqual(
      cluster.plan.voters.map(({ name }) => name).sort(),
    );
    expect(lines.filter((line) => line.includes("is restarted"))).toHaveLength(6);
  });
});
