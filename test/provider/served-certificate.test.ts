import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, TLSSocket, type TlsOptions } from "node:tls";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Issued, issueCertificate, makeAuthority } from "../../actions/certificates/certificates.ts";
import type { Peer } from "../../actions/certificates/peer-certificate.ts";
import { certificateIsServed } from "../../actions/certificates/served-certificate.ts";
import { hastyClock } from "./hasty-clock.ts";

let authority: Issued;
let [old, renewed]: Issued[] = [];
const servers: Server[] = [];

beforeAll(async () => {
  const now = new Date();
  authority = await makeAuthority({ commonName: "orders CA", years: 1, now });
  const names = { commonName: "orders-1", dnsNames: ["orders-1"], addresses: [], days: 30 };
  const issue = () => issueCertificate({ authority, ...names, uses: ["server"], now });
  [old, renewed] = [await issue(), await issue()];
});

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function listen(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("it has no port");
  return address.port;
}

function show(issued: Issued | undefined): TlsOptions {
  return { cert: issued?.certificate, key: issued?.privateKey };
}

/** Waits for the renewed one. */
function renewal(port: number, protocol: Peer["protocol"], clock = hastyClock()) {
  const certificate = renewed?.certificate ?? "";
  return certificateIsServed({
    what: "orders-1",
    host: "127.0.0.1",
    port,
    protocol,
    certificate,
    deadlineMs: 5_000,
    clock,
  });
}

/** A server of PostgreSQL's protocol: answers the question for TLS, and then shows what it has. */
function postgres(answer: string, shown: () => TlsOptions): Server {
  return createServer((socket: Socket) => {
    socket.on("error", () => undefined); // whoever asked has gone
    socket.once("data", (asked) => {
      if (asked.readInt32BE(4) !== 80877103) return socket.destroy();
      socket.write(answer);
      new TLSSocket(socket, { isServer: true, ...shown() }).on("error", () => undefined);
    });
  });
}

describe("a certificate that is to be served", () => {
  it("is found at a server of TLS", async () => {
    await expect(renewal(await listen(createTlsServer(show(renewed))), "tls")).resolves.toBeUndefined();
  });

  it.each(["TLSv1.2", "TLSv1.3"] as const)(
    "is found where %s asks the client for one too",
    async (maxVersion) => {
      const demands = { requestCert: true, rejectUnauthorized: true, ca: authority.certificate, maxVersion };
      const server = createTlsServer({ ...show(renewed), ...demands });
      await expect(renewal(await listen(server), "tls")).resolves.toBeUndefined();
    },
  );

  it("is found at a PostgreSQL server, which is asked for TLS first", async () => {
    const server = postgres("S", () => show(renewed));
    await expect(renewal(await listen(server), "postgres")).resolves.toBeUndefined();
  });

  it("is waited for while the former one is shown", async () => {
    let connections = 0;
    const server = postgres("S", () => {
      connections += 1;
      return show(connections < 4 ? old : renewed);
    });
    await expect(renewal(await listen(server), "postgres")).resolves.toBeUndefined();
    expect(connections).toBe(4);
  });
});

describe("a certificate that does not come", () => {
  const remedy =
    "docker logs orders-1 says more; `pulumi up` goes on from here, and waits for none that is stopped";

  it("is an error with who, where and what to do", async () => {
    const port = await listen(createTlsServer(show(old)));
    await expect(renewal(port, "tls")).rejects.toThrow(
      `orders-1 shows its new certificate: not within 5 s: 127.0.0.1:${port} still shows another one. ${remedy}`,
    );
  });

  it("is one with the reason where nobody speaks TLS", async () => {
    const refusing = await listen(postgres("N", () => show(renewed)));
    await expect(renewal(refusing, "postgres")).rejects.toThrow("it answers N when asked for TLS");
    const closing = await listen(createServer((socket) => socket.destroy()));
    await expect(renewal(closing, "tls")).rejects.toThrow(`127.0.0.1:${closing}: `);
  });
});
