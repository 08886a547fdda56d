import type { TLSSocket } from "node:tls";
import { admitted, FakePostgresServer, message } from "./fake-postgres-server.ts";

/** What a fake server does with whoever has said a name. */
export type Greeting = "admitted" | { readonly state: string; readonly message: string };

/** PostgreSQL's protocol as far as a login goes: the question for TLS, the handshake, a name and an answer. */
export class FakePostgres extends FakePostgresServer {
  /** Who logged in, and the certificate that was shown. */
  readonly logins: { readonly startup: string; readonly certified: boolean }[] = [];
  greeting: Greeting = "admitted";

  protected override greet(socket: TLSSocket, startup: Buffer): void {
    const certified = Object.keys(socket.getPeerCertificate() ?? {}).length > 0;
    this.logins.push({ startup: startup.subarray(8).toString("latin1").replaceAll("\0", " "), certified });
    if (this.greeting === "admitted") {
      socket.write(admitted);
      return;
    }
    const { state, message: text } = this.greeting;
    socket.end(message("E", Buffer.from(`SFATAL\0VFATAL\0C${state}\0M${text}\0\0`)));
  }
}
