import { createServer } from "node:https";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type PatroniClientOptions, patroniClient } from "../../actions/patroni/patroni-client.ts";
import { isPatronisRefusal, patroniVerbs } from "../../actions/patroni/patroni-verbs.ts";
import { observeRoles } from "../../actions/switchover/observe-roles.ts";
import { bodyOf, close, listen } from "../provider/local-server.ts";
import { access, serverTls } from "../provider/test-access.ts";

interface Scripted {
  readonly status: number;
  readonly body: unknown;
}

/** What each route answers; what was asked, with its body and whether it came with the password. */
const answers = new Map<string, Scripted>();
const asked: string[] = [];
let url = "";
const expected = `Basic ${Buffer.from("rest:secret").toString("base64")}`;
const server = createServer(serverTls, (request, response) => {
  void bodyOf(request).then((body) => {
    const route = `${request.method} ${request.url}`;
    const known = request.headers.authorization === expected ? " with password" : "";
    asked.push(`${route}${body === "" ? "" : ` ${body}`}${known}`);
    const { status, body: answer } = answers.get(route) ?? { status: 404, body: "no such path" };
    response.writeHead(status);
    response.end(typeof answer === "string" ? answer : JSON.stringify(answer));
  });
});
const options: PatroniClientOptions = { access, credentials: { username: "rest", password: "secret" } };
const verbs = patroniVerbs(options);

beforeAll(async () => {
  url = await listen(server);
});

afterEach(() => {
  answers.clear();
  asked.length = 0;
});

afterAll(() => close(server));

describe("Patroni", () => {
  it("is asked for a switchover with its own words", async () => {
    answers.set("POST /switchover", { status: 200, body: 'Successfully switched over to "m-2"' });
    expect(await verbs.switchover(url, { leader: "m-1", candidate: "m-2" })).toBe(
      'Successfully switched over to "m-2"',
    );
    answers.set("POST /switchover", { status: 202, body: "Switchover scheduled" });
    await verbs.switchover(url, { leader: "m-1", scheduledAt: "2030-01-01T00:00:00.000Z" });
    expect(asked).toEqual([
      'POST /switchover {"leader":"m-1","candidate":"m-2"} with password',
      'POST /switchover {"leader":"m-1","scheduled_at":"2030-01-01T00:00:00.000Z"} with password',
    ]);
  });

  it("is asked for a failover without the leader, which would make it a switchover", async () => {
    answers.set("POST /failover", { status: 200, body: 'Successfully failed over to "m-2"' });
    await verbs.failover(url, "m-2");
    expect(asked).toEqual(['POST /failover {"candidate":"m-2"} with password']);
  });

  it.each([
    [412, "no good candidates have been found", "refused", true],
    [400, "Switchover target and source are the same", "refused", true],
    [422, "Cannot schedule switchover in the past", "refused", true],
    [503, "Switchover failed", "failed", false],
  ])("refuses with %d in words that are kept", async (status, words, code, isRefusal) => {
    answers.set("POST /switchover", { status, body: words });
    const error = await verbs.switchover(url, { leader: "m-1" }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code, message: `Patroni: ${words}` });
    expect(isPatronisRefusal(error)).toBe(isRefusal);
  });

  it("says that the password is wrong, and not that it refuses", async () => {
    answers.set("POST /failover", { status: 401, body: "no auth" });
    const error = await verbs.failover(url, "m-2").catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "failed", message: expect.stringContaining("the REST password") });
    expect(isPatronisRefusal(error)).toBe(false);
  });

  it("takes back what is scheduled, if anything is", async () => {
    answers.set("DELETE /switchover", { status: 200, body: "scheduled switchover deleted" });
    expect(await verbs.cancelSwitchover(url)).toBe(true);
    answers.set("DELETE /switchover", { status: 404, body: "no switchover is scheduled" });
    expect(await verbs.cancelSwitchover(url)).toBe(false);
    expect(asked.every((one) => one.endsWith("with password"))).toBe(true);
  });

  it.each([
    [200, { role: "primary", timeline: 2 }, { leads: true, takesWrites: true, timeline: 2 }],
    [200, { role: "replica", timeline: 1 }, { leads: true, takesWrites: false, timeline: 1 }],
    [503, { role: "primary", timeline: 1 }, { leads: false, takesWrites: false, timeline: 1 }],
    [503, "starting", { leads: false, takesWrites: false }],
  ])("that answers %d %o is seen as it is", async (status, body, primary) => {
    answers.set("GET /primary", { status, body });
    expect(await verbs.primary(url)).toEqual(primary);
  });
});

describe("what decides about the roles", () => {
  const patroni = patroniClient(options);
  const observe = () =>
    observeRoles({ patroni, members: [memberAt("m-1"), memberAt("m-2"), memberAt("m-3")] });
  const memberAt = (name: string) => ({
    ...{ name, restUrl: `${url}/${name}`, address: "127.0.0.1", postgresPort: 1, engine: "unix:///nowhere" },
  });
  const cluster = {
    members: [
      { name: "m-1", role: "leader", state: "running", timeline: 1 },
      { name: "m-2", role: "quorum_standby", state: "streaming", timeline: 1, lag: 99 },
      { name: "m-3", role: "replica", state: "streaming", timeline: 1, lag: 700, tags: { nofailover: true } },
    ],
  };
  const leading = { state: "running", role: "primary", timeline: 2, xlog: { location: 5000 } };
  const following = {
    ...{ state: "running", role: "replica", timeline: 2, replication_state: "streaming" },
    xlog: { received_location: 4900, replayed_location: 4000 },
  };

  function script(config: object, statuses: readonly [string, unknown][], view: object = cluster): void {
    for (const name of ["m-1", "m-2", "m-3"]) {
      answers.set(`GET /${name}/cluster`, { status: 200, body: view });
      answers.set(`GET /${name}/config`, { status: 200, body: config });
    }
    for (const [name, body] of statuses) answers.set(`GET /${name}/patroni`, { status: 200, body });
  }

  it("is what each member says now, and not what the DCS holds of it", async () => {
    script({ synchronous_mode: "quorum", maximum_lag_on_failover: 1000, ttl: 20, loop_wait: 5 }, [
      ["m-1", leading],
      ["m-2", following],
      ["m-3", { ...following, xlog: { received_location: 0, replayed_location: 4200 } }],
    ]);
    expect(await observe()).toEqual({
      members: [
        { name: "m-1", role: "leader", state: "running", lagBytes: 0, timeline: 2 },
        { name: "m-2", role: "quorum_standby", state: "streaming", lagBytes: 100, timeline: 2 },
        { name: "m-3", role: "replica", state: "streaming", lagBytes: 800, timeline: 2, nofailover: true },
      ],
      replicas: [],
      ...{
        silent: [],
        paused: false,
        synchronousMode: "quorum",
        maximumLagBytes: 1000,
        ttl: 20,
        loopWait: 5,
      },
    });
  });

  it.each([
    [true, "on"],
    ["on", "on"],
    ["quorum", "quorum"],
    [false, "off"],
    [null, "off"],
  ])("has a synchronous mode however it is written: %s", async (written, mode) => {
    script({ synchronous_mode: written }, [
      ["m-1", leading],
      ["m-2", following],
      ["m-3", following],
    ]);
    expect((await observe()).synchronousMode).toBe(mode);
  });

  it("has Patroni's defaults, a pause and what is scheduled", async () => {
    const scheduled = { at: "2030-01-01T00:00:00+00:00", to: "m-2" };
    const view = { ...cluster, pause: true, scheduled_switchover: scheduled };
    script(
      {},
      [
        ["m-1", leading],
        ["m-2", following],
        ["m-3", following],
      ],
      view,
    );
    expect(await observe()).toMatchObject({
      ...{
        paused: true,
        scheduled,
        synchronousMode: "off",
        maximumLagBytes: 1024 * 1024,
        ttl: 30,
        loopWait: 10,
      },
    });
  });
});

it("a leader that does not answer is silent, and lag is what the DCS or any standby knows of", async () => {
  const gone = "https://127.0.0.1:9";
  const cluster = {
    members: [
      { name: "m-1", role: "leader", state: "running", timeline: 1 },
      { name: "m-2", role: "quorum_standby", state: "running", timeline: 1, lag: 0 },
      { name: "m-3", role: "quorum_standby", state: "running", timeline: 1, lag: 300 },
    ],
  };
  for (const name of ["m-2", "m-3"]) {
    answers.set(`GET /${name}/cluster`, { status: 200, body: cluster });
    answers.set(`GET /${name}/config`, { status: 200, body: { synchronous_mode: "quorum" } });
    const received = name === "m-2" ? 5000 : 4900;
    const status = {
      state: "running",
      role: "replica",
      xlog: { received_location: received, replayed_location: 1 },
    };
    answers.set(`GET /${name}/patroni`, { status: 200, body: status });
  }
  const place = { address: "127.0.0.1", postgresPort: 1, engine: "unix:///nowhere" };
  const members = [
    { name: "m-1", restUrl: gone, ...place },
    { name: "m-2", restUrl: `${url}/m-2`, ...place },
    { name: "m-3", restUrl: `${url}/m-3`, ...place },
  ];
  const { silent, members: seen } = await observeRoles({ patroni: patroniClient(options), members });
  expect(silent).toEqual(["m-1"]);
  expect(seen.map(({ state, lagBytes }) => [state, lagBytes])).toEqual([
    ["does not answer", 0],
    ["running", 0],
    ["running", 300],
  ]);
});
