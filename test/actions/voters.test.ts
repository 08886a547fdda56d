import { createServer, type Server } from "node:https";
import { afterEach, describe, expect, it } from "vitest";
import { observeVoters } from "../../actions/status/voters.ts";
import { close, listen } from "../provider/local-server.ts";
import { access, serverTls } from "../provider/test-access.ts";

const servers: Server[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) await close(server);
});

type Answers = Readonly<Record<string, readonly [status: number, body: unknown]>>;

/** A voter that answers these paths, and asks for a certificate. */
async function voter(answers: Answers): Promise<string> {
  const server = createServer(serverTls, (request, response) => {
    request.resume();
    const [status, body] = answers[`${request.method} ${request.url}`] ?? [404, "404 page not found"];
    response.writeHead(status).end(typeof body === "string" ? body : JSON.stringify(body));
  });
  servers.push(server);
  return listen(server);
}

async function seen(answers: Answers) {
  const [report] = await observeVoters({ voters: [{ name: "etcd-1", url: await voter(answers) }], access });
  return report;
}

const status = (change: object = {}) =>
  [200, { header: { member_id: "11" }, leader: "11", dbSize: "20480", ...change }] as const;

describe("a voter", () => {
  it("is healthy when it says so, and tells whether it leads and how large it is", async () => {
    const health = [200, { health: "true", reason: "" }] as const;
    expect(await seen({ "GET /health": health, "POST /v3/maintenance/status": status() })).toEqual({
      name: "etcd-1",
      healthy: true,
      reason: null,
      leads: true,
      dbSizeBytes: 20_480,
      alarms: [],
    });
    const follows = { "GET /health": health, "POST /v3/maintenance/status": status({ leader: "12" }) };
    expect(await seen(follows)).toMatchObject({ healthy: true, leads: false });
  });

  it("is not healthy without a leader, nor with an alarm", async () => {
    const lost = {
      "GET /health": [503, { health: "false", reason: "RAFT NO LEADER" }],
      "POST /v3/maintenance/status": status({ leader: undefined, errors: ["etcdserver: no leader"] }),
    } as const;
    expect(await seen(lost)).toMatchObject({ healthy: false, reason: "RAFT NO LEADER", leads: false });
    const full = {
      "GET /health": [503, { health: "false", reason: "ALARM NOSPACE" }],
      "POST /v3/maintenance/status": status({ errors: ["memberID:11 alarm:NOSPACE ", "x alarm:CORRUPT"] }),
    } as const;
    expect(await seen(full)).toMatchObject({ healthy: false, alarms: ["CORRUPT", "NOSPACE"] });
  });

  it("that tells its status to root alone is asked for its metrics", async () => {
    const metrics = "# TYPE x gauge\netcd_mvcc_db_total_size_in_bytes 24576\netcd_server_is_leader 1\n";
    const answers = {
      "GET /health": [200, { health: "true" }],
      "POST /v3/maintenance/status": [400, { message: "etcdserver: user name is empty" }],
      "GET /metrics": [200, metrics],
    } as const;
    expect(await seen(answers)).toMatchObject({ healthy: true, leads: true, dbSizeBytes: 24_576 });
  });

  it("that does not answer is a finding like any other, and hides nothing of the others", async () => {
    const url = await voter({
      "GET /health": [200, { health: "true" }],
      "POST /v3/maintenance/status": status(),
    });
    const voters = [
      { name: "etcd-1", url: "https://127.0.0.1:9" },
      { name: "etcd-2", url },
    ];
    const [lost, well] = await observeVoters({ voters, access });
    expect(lost).toMatchObject({ healthy: false, reason: expect.stringContaining("127.0.0.1:9/health") });
    expect(well).toMatchObject({ name: "etcd-2", healthy: true });
  });
});
