import { createServer as createPlainServer } from "node:http";
import { createServer } from "node:https";
import {
  connect,
  createServer as createSocketServer,
  type Socket,
  type Server as SocketServer,
} from "node:net";
import type { TlsOptions } from "node:tls";
import { afterEach, describe, expect, it } from "vitest";
import type { ClusterAccess } from "../../actions/access.ts";
import { ActionError } from "../../actions/action-error.ts";
import { httpsFetch } from "../../actions/https-fetch.ts";
import { findCluster } from "../../actions/patroni/find-cluster.ts";
import { patroniClient } from "../../actions/patroni/patroni-client.ts";
import { clusterIsReady } from "../../actions/readiness.ts";
import { hastyClock } from "./hasty-clock.ts";
import { close, listen, openConnections } from "./local-server.ts";
import {
  access,
  accessWith,
  authority,
  certified,
  mutual,
  otherAuthority,
  serverTls,
} from "./test-access.ts";

type AnyServer = Parameters<typeof listen>[0];

const servers: AnyServer[] = [];
const socketServers: SocketServer[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) await close(server);
  for (const server of socketServers.splice(0)) server.close();
});

function start(server: AnyServer): Promise<string> {
  servers.push(server);
  return listen(server);
}

/** A member whose Patroni knows of nobody. */
function member(tls: TlsOptions): Promise<string> {
  return start(createServer(tls, (_question, response) => void response.end('{"members":[]}')));
}

/** Somebody who takes connections and treats the nth of them, from 0, as told. */
async function sockets(treat: (socket: Socket, index: number) => void): Promise<string> {
  let count = 0;
  const server = createSocketServer((socket) => {
    socket.on("error", () => undefined); // whoever asked has gone
    treat(socket, count);
    count += 1;
  });
  socketServers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("it has no port");
  return `https://127.0.0.1:${address.port}`;
}

const alerts = { unknownCa: 48, internalError: 80 };

/** Answers a handshake with an alert; the first one is left to another server, if there is one. */
function alerting(alert: keyof typeof alerts, first?: string): Promise<string> {
  return sockets((socket, index) => {
    if (first !== undefined && index === 0) {
      const behind = connect({ host: "127.0.0.1", port: Number(new URL(first).port) });
      behind.on("error", () => undefined);
      socket.pipe(behind).pipe(socket);
    } else {
      socket.once("data", () => socket.end(Buffer.from([21, 3, 3, 0, 2, 2, alerts[alert]])));
    }
  });
}

/** Node's own server closes the connection without an alert. */
const distrusting = { ...serverTls, ca: otherAuthority.certificate };

async function failureOf(restUrl: string, as: ClusterAccess = access): Promise<ActionError> {
  const failure = await patroniClient({ access: as })
    .cluster(restUrl)
    .catch((error: unknown) => error);
  if (failure instanceof ActionError) return failure;
  throw new Error(`no failure but ${JSON.stringify(failure)}`);
}

function daysAgo(days: number): string {
  return new Date(Date.now() - days * 24 * 60 * 60_000).toISOString().slice(0, 10);
}

const unreachable = "https://127.0.0.1:9";

describe("a certificate of the other side that is no good is an error that says so, and does not pass", () => {
  it("has expired", async () => {
    const url = await member(mutual(await certified({ age: 30 })));
    const { code, message } = await failureOf(url);
    expect(code).toBe("refused");
    expect(message).toBe(
      `GET ${url}/cluster: the certificate of ${new URL(url).host} expired on ${daysAgo(20)}: ` +
        "run `pulumi up`, which renews it and has it loaded",
    );
  });

  it("is of another CA", async () => {
    const { code, message } = await failureOf(await member(mutual(await certified({ by: otherAuthority }))));
    expect(code).toBe("refused");
    expect(message).toMatch(/is not signed by the CA that is trusted here: look who answers there/);
  });

  it("is for another name", async () => {
    const tls = mutual(await certified({ names: ["dev-2"], addresses: ["10.61.3.12"] }));
    const { code, message } = await failureOf(await member(tls));
    expect(code).toBe("refused");
    expect(message).toMatch(/is not for 127\.0\.0\.1 but for dev-2, 10\.61\.3\.12: look who answers there/);
  });

  it("is not shown at all", async () => {
    const url = await start(createPlainServer((_question, response) => void response.end("{}")));
    const { code, message } = await failureOf(url.replace("http:", "https:"));
    expect(code).toBe("refused");
    expect(message).toMatch(/answers without TLS: look who answers there/);
  });
});

describe("a certificate of one's own that is no good is an error before anybody is asked", () => {
  it("has expired", async () => {
    const { code, message } = await failureOf(unreachable, accessWith(await certified({ age: 11 })));
    expect(code).toBe("refused");
    expect(message).toBe(
      `the certificate that this stack acts with expired on ${daysAgo(1)}: run \`pulumi up\`, which renews it`,
    );
  });

  it("is of another CA, or of another key", async () => {
    const [one, two] = [await certified(), await certified()];
    const foreign = accessWith(await certified({ by: otherAuthority }));
    expect((await failureOf(unreachable, foreign)).message).toMatch(/is not signed by the CA of the cluster/);
    const mixed = accessWith({ ...one, privateKey: two.privateKey });
    expect((await failureOf(unreachable, mixed)).message).toMatch(/does not belong to its private key/);
  });

  it("is refused by the other side, before or after the connection stands", async () => {
    const hasty = await alerting("unknownCa");
    for (const url of [hasty, await alerting("unknownCa", await member(distrusting))]) {
      const { code, message } = await failureOf(url);
      expect(code, message).toBe("refused");
      expect(message).toMatch(/refuses the certificate that is shown to it \(it trusts another CA\)/);
    }
  });

  it("is taken when it is of the second of two CAs", async () => {
    const ca = authority.certificate + otherAuthority.certificate;
    const url = await member({ ...serverTls, ca });
    const mine = accessWith(await certified({ by: otherAuthority }), ca);
    expect(await patroniClient({ access: mine }).cluster(url)).toEqual({ members: [] });
  });
});

describe("what may pass is told as that", () => {
  it("nobody answers", async () => {
    expect(await failureOf(unreachable)).toMatchObject({ code: "unreachable" });
  });

  it("the connection is closed before anything was said, as a proxy does whose server restarts", async () => {
    const url = await sockets((socket) => void socket.destroy());
    expect(await failureOf(url)).toMatchObject({ code: "unreachable" });
  });

  it("the connection is closed without a reason", async () => {
    expect(await failureOf(await member(distrusting))).toMatchObject({ code: "unreachable" });
  });

  it("the other side cannot shake hands, as one whose files are being renewed", async () => {
    expect(await failureOf(await alerting("internalError"))).toMatchObject({ code: "unreachable" });
  });

  it("the other side has no certificate at the moment, as one whose files are being renewed", async () => {
    expect(await failureOf(await member({}))).toMatchObject({ code: "unreachable" });
  });
});

describe("several that are asked at once", () => {
  it("are refused when the certificate of each is wrong", async () => {
    const wrong = mutual(await certified({ by: otherAuthority }));
    const urls = [await member(wrong), await member(wrong)];
    await expect(findCluster(patroniClient({ access }), urls)).rejects.toMatchObject({ code: "refused" });
  });

  it("are waited for while one of them may still answer", async () => {
    const urls = [await member(mutual(await certified({ by: otherAuthority }))), unreachable];
    await expect(findCluster(patroniClient({ access }), urls)).rejects.toMatchObject({
      code: "unreachable",
      message: expect.stringMatching(/^no member answers: .*not signed by the CA.*127\.0\.0\.1:9/),
    });
  });

  it("are not waited for when a member shows a wrong certificate", async () => {
    const restUrl = await member(mutual(await certified({ by: otherAuthority })));
    const members = [{ name: "m-1", restUrl }];
    const clock = hastyClock();
    const wanted = { cluster: "orders", members, synchronousStandbys: 0, deadlineMs: 60_000, clock };
    await expect(clusterIsReady({ ...wanted, patroni: patroniClient({ access }) })).rejects.toMatchObject({
      code: "refused",
    });
    expect(clock.now()).toBe(0);
  });
});

it("a connection is closed soon after nothing more is asked", async () => {
  const server = createServer(serverTls, (_question, response) => void response.end("{}"));
  const url = await start(server);
  const fetch = httpsFetch(access, 50);
  const answer = await fetch(url, { method: "GET", signal: AbortSignal.timeout(2000) });
  expect(await answer.text()).toBe("{}");
  expect(openConnections(server)).toBe(1);
  await expect.poll(() => openConnections(server), { timeout: 5000, interval: 20 }).toBe(0);
});
