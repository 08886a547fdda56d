import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { isTaken } from "../../actions/certificates/taken-certificate.ts";
import { authority, certified, otherAuthority } from "./test-access.ts";

const ours = await certified();
const others = await certified({ by: otherAuthority });
const undo: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const one of undo.splice(0).reverse()) await one();
});

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  undo.push(() => new Promise((resolve) => server.close(resolve)));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("it has no port");
  return address.port;
}

/** OpenSSL's own server, which wants to see a certificate: Node's only looks at it when the connection stands. */
async function openssl(...options: string[]): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), "taken-"));
  undo.push(() => rm(folder, { recursive: true }));
  const { certificate, privateKey } = await certified();
  await writeFile(join(folder, "own.pem"), certificate + privateKey);
  await writeFile(join(folder, "ca.pem"), authority.certificate);
  const demands = ["-Verify", "1", "-verify_return_error", "-CAfile", "ca.pem"];
  const command = [
    "s_server",
    "-accept",
    "127.0.0.1:0",
    "-naccept",
    "9",
    "-cert",
    "own.pem",
    ...demands,
    ...options,
  ];
  const server = spawn("openssl", command, { cwd: folder });
  undo.push(async () => server.kill());
  return portOf(server);
}

function portOf(server: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let said = "";
    server.stdout?.on("data", (text) => {
      said += text;
      const [, port] = /ACCEPT 127\.0\.0\.1:(\d+)/.exec(said) ?? [];
      if (port !== undefined) resolve(Number(port));
    });
    server.on("exit", () => reject(new Error(said)));
  });
}

/** What PostgreSQL says before there is TLS. */
async function postgres(answer: string): Promise<number> {
  const behind = await openssl();
  return await listen(
    createServer((socket) => {
      socket.on("error", () => undefined);
      socket.once("data", () => {
        const server = connect(behind, "127.0.0.1");
        server.on("error", () => undefined);
        socket.write(answer);
        socket.pipe(server).pipe(socket);
      });
    }),
  );
}

const at = (port: number, protocol: "tls" | "postgres" = "tls") => ({ host: "127.0.0.1", port, protocol });

describe("a certificate that is shown", () => {
  it.each([
    ["a server of TLS", "tls", () => openssl()],
    ["a PostgreSQL server", "postgres", () => postgres("S")],
  ] as const)("is taken by %s of the same authority, and of no other", async (_who, protocol, server) => {
    const port = await server();
    expect(await isTaken(at(port, protocol), ours)).toBe(true);
    expect(await isTaken(at(port, protocol), others)).toBe(false);
    expect(await isTaken(at(port, protocol), ours)).toBe(true);
  });

  it("is neither taken nor refused where nobody answers, or without TLS", async () => {
    const port = await listen(createServer((socket) => socket.destroy()));
    await expect(isTaken(at(port), ours)).rejects.toMatchObject({ code: "unreachable" });
    await expect(isTaken(at(await postgres("N"), "postgres"), ours)).rejects.toThrow(
      "it answers N when asked for TLS",
    );
    await expect(isTaken(at(1), ours)).rejects.toThrow(/ECONNREFUSED/);
  });

  it("is neither where only a later TLS is spoken, in which a refusal is not heard", async () => {
    await expect(isTaken(at(await openssl("-tls1_3")), others)).rejects.toMatchObject({
      code: "unreachable",
    });
  });
});
