import { createServer, type Server } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { containerLog } from "../../actions/engine/container-log.ts";

let server: Server | undefined;

afterEach(() => {
  server?.close();
});

/** An engine that answers every question so. */
async function engine(status: number, body: Buffer, asked: string[] = []): Promise<string> {
  const listening = createServer((request, response) => {
    asked.push(request.url ?? "");
    response.writeHead(status, { "content-type": "application/octet-stream" });
    response.end(body);
  });
  server = listening;
  await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
  const address = listening.address();
  if (address === null || typeof address === "string") throw new Error("it has no port");
  return `tcp://127.0.0.1:${address.port}`;
}

/** A piece of a log, as the engine packs it. */
function frame(stream: 1 | 2, text: string): Buffer {
  const head = Buffer.alloc(8);
  head[0] = stream;
  head.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([head, Buffer.from(text)]);
}

describe("the log of a container", () => {
  it("is the text of both streams, in order, and no more than was asked for", async () => {
    const asked: string[] = [];
    const body = Buffer.concat([
      frame(1, "INFO: größe\n"),
      frame(2, "WARNING: two\n"),
      frame(1, "INFO: three\n"),
    ]);
    const host = await engine(200, body, asked);
    expect(await containerLog(host, "dev-2", 200)).toBe("INFO: größe\nWARNING: two\nINFO: three\n");
    expect(asked).toEqual([expect.stringMatching(/^\/containers\/dev-2\/logs\?.*tail=200/)]);
  });

  it("may be empty", async () => {
    expect(await containerLog(await engine(200, Buffer.alloc(0)), "dev-2", 10)).toBe("");
  });

  it("that cannot be had is told with the container's name", async () => {
    const host = await engine(404, Buffer.from('{"message":"No such container: dev-9"}'));
    await expect(containerLog(host, "dev-9", 10)).rejects.toMatchObject({
      code: "unreachable",
      message: expect.stringContaining("the log of dev-9: "),
    });
  });
});
