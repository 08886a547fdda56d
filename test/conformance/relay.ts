/** The engine at an address of its own, which can be lost. */
import { mkdtemp, rm } from "node:fs/promises";
import { createConnection, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Relay {
  /** As the docker provider takes it. */
  readonly host: string;
  /** Nobody answers there from now on. */
  lose(): Promise<void>;
  close(): Promise<void>;
}

/** Leads to the engine's socket on this machine. */
export async function startRelay(engine = "/var/run/docker.sock"): Promise<Relay> {
  const folder = await mkdtemp(join(tmpdir(), "psconf-relay-"));
  const socket = join(folder, "docker.sock");
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const onward = createConnection(engine);
    client.pipe(onward).pipe(client);
    for (const one of [client, onward]) {
      open.add(one);
      one.on("error", () => one.destroy());
      one.on("close", () => {
        open.delete(one);
        client.destroy();
        onward.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  const lose = () => end(server, open);
  return {
    host: `unix://${socket}`,
    lose,
    close: async () => {
      await lose();
      await rm(folder, { recursive: true });
    },
  };
}

async function end(server: Server, open: ReadonlySet<Socket>): Promise<void> {
  if (!server.listening) return;
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  for (const socket of open) socket.destroy();
  await closed;
}
