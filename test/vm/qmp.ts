import { once } from "node:events";
import { createConnection, type Socket } from "node:net";
import { createInterface } from "node:readline";

/** QEMU's own protocol, by which a running machine is given disks. */
export interface Qmp {
  /** @throws Error with what QEMU says */
  run(command: string, args?: Readonly<Record<string, unknown>>): Promise<unknown>;
  close(): void;
}

/** @param path of the socket. */
export async function connectQmp(path: string): Promise<Qmp> {
  const socket = createConnection(path);
  await once(socket, "connect");
  const answers = answersOf(socket);
  const ask = async (command: string, args: Readonly<Record<string, unknown>> = {}) => {
    socket.write(`${JSON.stringify({ execute: command, arguments: args })}\n`);
    for (;;) {
      const { value } = await answers.next();
      if (value === undefined) throw new Error(`${command}: QEMU has gone`);
      if (value.error !== undefined) throw new Error(`${command}: ${value.error.desc}`);
      if ("return" in value) return value.return;
    }
  };
  await ask("qmp_capabilities");
  return { run: ask, close: () => socket.destroy() };
}

interface Message {
  readonly return?: unknown;
  readonly error?: { readonly desc: string };
}

async function* answersOf(socket: Socket): AsyncGenerator<Message> {
  for await (const line of createInterface({ input: socket })) yield JSON.parse(line);
}
