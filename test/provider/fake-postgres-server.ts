import { createServer, type Server, type Socket } from "node:net";
import { TLSSocket, type TlsOptions } from "node:tls";

/** PostgreSQL's protocol up to the handshake: the question for TLS and its answer. What comes then is the fake's. */
export abstract class FakePostgresServer {
  /** What it says when it is asked for TLS. */
  answer: "S" | "N" = "S";
  port = 0;
  private readonly server: Server;
  private readonly tls: TlsOptions;

  constructor(tls: TlsOptions) {
    this.tls = tls;
    this.server = createServer((socket) => this.converse(socket));
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    const address = this.server.address();
    if (address === null || typeof address === "string") throw new Error("it has no port");
    this.port = address.port;
    return this;
  }

  stop(): void {
    this.server.close();
  }

  /** @param startup the first message on the encrypted connection: who wants in. */
  protected abstract greet(socket: TLSSocket, startup: Buffer): void;

  private converse(socket: Socket): void {
    socket.on("error", () => undefined); // whoever asked has gone
    socket.once("data", () => {
      socket.write(this.answer);
      if (this.answer === "N") return;
      const encrypted = new TLSSocket(socket, { ...this.tls, isServer: true });
      encrypted.on("error", () => undefined);
      encrypted.once("data", (startup) => this.greet(encrypted, startup));
    });
  }
}

export function message(type: string, body: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length + 4);
  return Buffer.concat([Buffer.from(type), length, body]);
}

const authenticated = message("R", Buffer.alloc(4));

/** It waits for the next statement. */
export const ready = message("Z", Buffer.from("I"));

/** Whoever has greeted is in. */
export const admitted = Buffer.concat([authenticated, ready]);
