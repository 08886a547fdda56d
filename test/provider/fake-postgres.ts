import { createServer, type Server, type Socket } from "node:net";
import { TLSSocket, type TlsOptions } from "node:tls";

/** What a fake server does with whoever has said a name. */
export type Greeting = "admitted" | { readonly state: string; readonly message: string };

/** PostgreSQL's protocol as far as a login goes: the question for TLS, the handshake, a name and an answer. */
export class FakePostgres {
  /** Who logged in, and the certificate that was shown. */
  readonly logins: { readonly startup: string; readonly certified: boolean }[] = [];
  greeting: Greeting = "admitted";
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

  private greet(socket: TLSSocket, startup: Buffer): void {
    const certified = Object.keys(socket.getPeerCertificate() ?? {}).length > 0;
    this.logins.push({ startup: startup.subarray(8).toString("latin1").replaceAll("\0", " "), certified });
    if (this.greeting === "admitted") {
      socket.write(Buffer.concat([message("R", Buffer.alloc(4)), message("Z", Buffer.from("I"))]));
      return;
    }
    const { state, message: text } = this.greeting;
    socket.end(message("E", Buffer.from(`SFATAL\0VFATAL\0C${state}\0M${text}\0\0`)));
  }
}

function message(type: string, body: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length + 4);
  return Buffer.concat([Buffer.from(type), length, body]);
}
