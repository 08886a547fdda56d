import type { IncomingMessage, Server } from "node:http";
import { Server as SecureServer } from "node:https";
import type { Socket } from "node:net";

const connections = new WeakMap<Server | SecureServer, Set<Socket>>();

/** Starts listening on a free port of the loopback. Returns the URL. */
export async function listen(server: Server | SecureServer): Promise<string> {
  const open = new Set<Socket>();
  connections.set(server, open);
  server.on("connection", (socket: Socket) => {
    open.add(socket);
    socket.once("close", () => open.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("the server has no port");
  return `${server instanceof SecureServer ? "https" : "http"}://127.0.0.1:${address.port}`;
}

/** Also ends connections that have not said anything yet, which the server itself does not count. */
export async function close(server: Server | SecureServer): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  for (const socket of connections.get(server) ?? []) socket.destroy();
  await closed;
}

/** How many connections of clients are open. */
export function openConnections(server: Server | SecureServer): number {
  return connections.get(server)?.size ?? 0;
}

export async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString("utf8");
}
