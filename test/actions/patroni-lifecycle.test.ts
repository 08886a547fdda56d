import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  standingOf,
  standingPatches,
  stopMark,
  stopPatch,
  stoppedPatch,
} from "../../actions/patroni/cluster-standing.ts";
import { type PatroniClient, patroniClient } from "../../actions/patroni/patroni-client.ts";
import { settingsPatch } from "../../actions/settings/settings-patch.ts";
import { applyMergePatch, type JsonObject } from "../../cluster/settings/merge-patch.ts";
import { bodyOf, close, listen } from "../provider/local-server.ts";
import { access, serverTls } from "../provider/test-access.ts";

let server: Server;
let url: string;
let patroni: PatroniClient;
/** By method and path: what the member answers. */
let answers: Record<string, readonly [status: number, body: unknown]>;
let asked: string[];

beforeEach(async () => {
  answers = {};
  asked = [];
  server = createServer(serverTls, (request, response) => {
    void answer(request, response);
  });
  url = await listen(server);
  patroni = patroniClient({ access, credentials: { username: "rest", password: "secret" } });
});

afterEach(() => close(server));

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const question = `${request.method} ${request.url}`;
  asked.push(`${question} ${await bodyOf(request)} ${request.headers.authorization ?? "nobody"}`);
  const [status, body] = answers[question] ?? [404, "no such path"];
  response.writeHead(status);
  response.end(typeof body === "string" ? body : JSON.stringify(body));
}

const login = `Basic ${Buffer.from("rest:secret").toString("base64")}`;

describe("a member's Patroni", () => {
  it("is asked to copy its data anew with the password", async () => {
    answers["POST /reinitialize"] = [200, "reinitialize started"];
    await patroni.reinitialize(url);
    expect(asked).toEqual([`POST /reinitialize {} ${login}`]);
  });

  it("gives a server that restarts longer to start than it would bear a crash", async () => {
    answers["POST /restart"] = [200, "restarted successfully"];
    await patroni.restart(url, 330_000);
    expect(asked).toEqual([`POST /restart {"timeout":300} ${login}`]);
  });

  it("says null for what it could not find out just now, and that is as if it had said nothing", async () => {
    answers["GET /patroni"] = [
      200,
      { state: "running", role: "replica", timeline: null, xlog: { received_location: null } },
    ];
    expect(await patroni.member(url)).toEqual({ state: "running", role: "replica", xlog: {} });
  });

  it("says why it does not copy", async () => {
    answers["POST /reinitialize"] = [503, "restart already in progress"];
    await expect(patroni.reinitialize(url)).rejects.toMatchObject({
      code: "failed",
      message: `POST ${url}/reinitialize: 503 restart already in progress`,
    });
  });

  it("says whether it leaves its PostgreSQL alone, and when that began", async () => {
    const since = "2026-01-01 00:00:00.000000+00:00";
    answers["GET /patroni"] = [
      503,
      { state: "stopped", role: "replica", pause: true, postmaster_start_time: since },
    ];
    expect(await patroni.member(url)).toMatchObject({
      state: "stopped",
      pause: true,
      postmaster_start_time: since,
    });
  });
});

describe("how a cluster stands", () => {
  it.each<[string, JsonObject, boolean, boolean]>([
    ["neither", { loop_wait: 10 }, false, false],
    ["paused", { pause: true }, true, false],
    ["paused by hand, in another spelling", { pause: "on" }, true, false],
    ["not paused, said by hand", { pause: false }, false, false],
    ["stopped", { pause: true, spilo: { stopped: true } }, true, true],
    ["somebody else's mark", { spilo: "stopped" }, false, false],
  ])("is %s", async (_title, config, paused, stopped) => {
    answers["GET /cluster"] = [200, { members: [] }];
    answers["GET /config"] = [200, config];
    expect(await standingOf(patroni, [{ restUrl: url }])).toMatchObject({ paused, stopped, restUrl: url });
  });

  it("is left by the patches as it was found", () => {
    const config = { loop_wait: 10, postgresql: { use_slots: true } };
    const { pause, resume } = standingPatches;
    expect(applyMergePatch(applyMergePatch(config, pause), resume)).toEqual(config);
  });

  it.each<[string, JsonObject]>([
    ["of a quorum", { synchronous_mode: "quorum", synchronous_mode_strict: false }],
    ["for one by name", { synchronous_mode: true, synchronous_mode_strict: "off" }],
  ])("where commits wait %s, has them wait in any case until no server runs", (_title, config) => {
    const stopping = marked(config);
    expect(stopping).toMatchObject({ pause: true, synchronous_mode_strict: true });
    expect(marked(stopping)).toEqual(stopping);
    const stopped = applyMergePatch(stopping, stoppedPatch(stopping) ?? {});
    expect(stopped).toEqual({ ...config, pause: true, spilo: { stopped: true } });
    expect(stoppedPatch(stopped)).toBeUndefined();
  });

  it.each<[string, JsonObject]>([
    ["what is declared to wait in any case", { synchronous_mode: "quorum", synchronous_mode_strict: true }],
    ["whoever waits for nobody", { synchronous_mode: "off" }],
  ])("leaves %s alone", (_title, config) => {
    const stopped = marked(config);
    expect(stopped).toEqual({ ...config, pause: true, spilo: { stopped: true } });
    expect(stoppedPatch(stopped)).toBeUndefined();
  });

  it("is nothing that whoever declares settings takes away", () => {
    const declared = { loop_wait: 10 };
    const actual = marked(declared);
    expect(settingsPatch(actual, declared, declared)).toEqual({});
  });
});

/** As `stop` leaves it while servers run. */
function marked(config: JsonObject): JsonObject {
  const known = applyMergePatch(config, stopMark);
  return applyMergePatch(known, stopPatch(known));
}
