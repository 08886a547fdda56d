import { createServer, type Server, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { serving } from "../../provider/kinds/serving.ts";
import type { Properties } from "../../provider/wire.ts";

let server: Server | undefined;

afterEach(() => {
  server?.close();
});

/** A proxy that answers its nth connection, from 0, as told. */
async function proxy(answer: (attempt: number, socket: Socket) => void): Promise<number> {
  let attempt = 0;
  const listening = createServer((socket) => {
    socket.on("error", () => undefined); // whoever asked has gone
    answer(attempt, socket);
    attempt += 1;
  });
  server = listening;
  await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
  const address = listening.address();
  if (address === null || typeof address === "string") throw new Error("it has no port");
  return address.port;
}

function properties(port: number, deadlineSeconds: number): Properties {
  return { proxy: "dev-proxy-1", address: "127.0.0.1", port, container: "abc", deadlineSeconds };
}

describe("Serving", () => {
  const context = { report: () => undefined, signal: new AbortController().signal };

  it("is made at once, as there is no leader yet to lead to", async () => {
    expect(await serving.create(properties(1, 1), context)).toEqual({ id: "dev-proxy-1", outputs: {} });
  });

  it("waits for a replaced proxy until a server answers through it", async () => {
    const port = await proxy((attempt, socket) => {
      if (attempt < 2) socket.destroy();
      else socket.once("data", (asked) => socket.end(asked.readInt32BE(4) === 80877103 ? "S" : "E"));
    });
    expect(await serving.update?.({}, properties(port, 10), context)).toEqual({});
  });

  it("does not take a server that does not encrypt", async () => {
    const port = await proxy((_attempt, socket) => socket.once("data", () => socket.end("N")));
    await expect(serving.update?.({}, properties(port, 1), context)).rejects.toThrow(/it does not encrypt/);
  });

  it("says which proxy does not serve, and why, when its time is over", async () => {
    const port = await proxy((_attempt, socket) => socket.destroy());
    await expect(serving.update?.({}, properties(port, 1), context)).rejects.toThrow(
      /^dev-proxy-1 leads to a server: not within 1 s: .*docker logs dev-proxy-1 says more/,
    );
  });

  it("ends when the user interrupts", async () => {
    const port = await proxy((_attempt, socket) => socket.destroy());
    const signal = AbortSignal.timeout(300);
    await expect(serving.update?.({}, properties(port, 60), { ...context, signal })).rejects.toThrow();
  });
});
