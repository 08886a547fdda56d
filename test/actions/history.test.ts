import { createServer, type Server } from "node:https";
import { afterEach, expect, it } from "vitest";
import { historyLines } from "../../actions/cli/history-text.ts";
import { colourless } from "../../actions/cli/paint.ts";
import { history } from "../../actions/verbs/history.ts";
import { FakeCluster } from "../provider/fake-cluster.ts";
import { close, listen } from "../provider/local-server.ts";
import { serverTls } from "../provider/test-access.ts";
import { handleOf } from "./test-handle.ts";

let server: Server | undefined;

afterEach(async () => {
  if (server !== undefined) await close(server);
  server = undefined;
});

async function handleWith(answer: unknown) {
  server = createServer(serverTls, (request, response) => {
    request.resume();
    response.writeHead(request.url === "/history" ? 200 : 404).end(JSON.stringify(answer));
  });
  const restUrl = await listen(server);
  const members = [
    { name: "m-1", restUrl, address: "127.0.0.1", postgresPort: 1, engine: "unix:///nowhere" },
  ];
  return { ...handleOf(new FakeCluster({ members: 1 })), members };
}

const changes = [
  [1, 25623960, "no recovery target specified"],
  [2, 891882336, "no recovery target specified", "2030-01-01T12:00:00.5+00:00", "m-2"],
];

it("role changes and events are told in the order in which they happened", async () => {
  const report = await history(await handleWith(changes), {
    events: async () => [
      {
        at: "2030-01-01T12:00:01.000Z",
        kind: "switchover",
        detail: { from: "m-1", to: "m-2", outageMs: 900 },
      },
      { at: "2030-01-01T11:59:59.000Z", kind: "ha-state", detail: { from: null, to: "Healthy" } },
    ],
  });
  expect(report.roleChanges).toEqual([
    { at: null, leader: null, timeline: 2, lsn: "0/186FD98", reason: "no recovery target specified" },
    {
      at: "2030-01-01T12:00:00.5+00:00",
      leader: "m-2",
      timeline: 3,
      lsn: "0/35290B60",
      reason: "no recovery target specified",
    },
  ]);
  expect(historyLines(report, colourless)).toEqual([
    "orders",
    "                        leader      somebody from timeline 2 on, at 0/186FD98 (no recovery target specified)",
    "  2030-01-01T11:59:59Z  ha-state    Healthy",
    "  2030-01-01T12:00:00Z  leader      m-2 from timeline 3 on, at 0/35290B60 (no recovery target specified)",
    "  2030-01-01T12:00:01Z  switchover  m-1 → m-2, outageMs 900",
  ]);
});

it("what cannot be asked is unknown, and the other half is told", async () => {
  const report = await history(await handleWith([]), {
    events: () => Promise.reject(new Error("nobody answers")),
  });
  expect(report).toMatchObject({ roleChanges: [], events: null });
  expect(report.unknown).toEqual([{ what: "events", reason: "nobody answers" }]);
});
