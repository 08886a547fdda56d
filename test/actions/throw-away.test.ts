import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { withThrowAway } from "../../actions/engine/throw-away.ts";
import { bodyOf } from "../provider/local-server.ts";

/** A member as the engine shows it. */
const member = {
  Image: "sha256:1234",
  Config: { Env: ["PGPASSWORD_SUPERUSER=hidden"], Labels: { "pulumi-spilo.cluster": "dev" } },
  HostConfig: { NetworkMode: "default", Memory: 2 ** 31, MemorySwap: 2 ** 31, ShmSize: 2 ** 28 },
  NetworkSettings: { Networks: { dev: { IPAMConfig: { IPv4Address: "10.0.0.11" } } } },
};

let folder: string;
let server: Server;
/** What the engine says: status and body by `METHOD /path`. */
let answers: Map<string, { readonly status: number; readonly body?: unknown }>;
let asked: string[];
/** What a container was asked for with. */
// biome-ignore lint/suspicious/noExplicitAny: the tests look into the engine's own form
let created: any;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "throw-away-"));
  asked = [];
  answers = new Map<string, { status: number; body?: unknown }>([
    ["GET /containers/dev-1/json", { status: 200, body: member }],
    ["POST /containers/create", { status: 201, body: { Id: "dev-1-trial" } }],
    ["POST /containers/dev-1-trial/start", { status: 204 }],
    ["DELETE /containers/dev-1-trial", { status: 204 }],
  ]);
  server = createServer(async (request, response) => {
    const url = new URL(request.url ?? "", "http://engine");
    const question = `${request.method} ${url.pathname}`;
    asked.push(`${question}${request.method === "DELETE" ? url.search : ""}`);
    const text = await bodyOf(request);
    if (question === "POST /containers/create") created = JSON.parse(text);
    const { status, body } = answers.get(question) ?? { status: 404, body: { message: "No such container" } };
    response.writeHead(status).end(body === undefined ? undefined : JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(join(folder, "docker.sock"), resolve));
});

afterEach(async () => {
  await new Promise((resolve) => server.close(resolve));
  await rm(folder, { recursive: true });
});

function use<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  const engine = `unix://${join(folder, "docker.sock")}`;
  const place = { engine, like: "dev-1", name: "dev-1-trial", lifeSeconds: 60, inMemory: "/keys", signal };
  return withThrowAway(place, work);
}

const removed = "DELETE /containers/dev-1-trial?force=true&v=true";

describe("a container that is thrown away", () => {
  it("has the image, the network and the limits of the other one, and nothing else of it", async () => {
    expect(await use(async () => "done")).toBe("done");
    expect(created).toMatchObject({
      ...{ Image: "sha256:1234", User: "postgres", Entrypoint: ["sleep"], Cmd: ["60"] },
      Labels: { "pulumi-spilo.cluster": "dev", "pulumi-spilo.part": "throw-away" },
      HostConfig: {
        ...{ NetworkMode: "dev", AutoRemove: true, CapDrop: ["ALL"], Memory: 2 ** 31 },
        Tmpfs: { "/keys": expect.any(String) },
      },
    });
    const text = JSON.stringify(created);
    for (const foreign of ["hidden", "10.0.0.11", "Binds", "Mounts", "PortBindings", "Env"]) {
      expect(text).not.toContain(foreign);
    }
    expect(asked.at(-1)).toBe(removed);
  });

  it("is on the host's network where the other one is", async () => {
    const there = {
      ...member,
      HostConfig: { NetworkMode: "host" },
      NetworkSettings: { Networks: { host: {} } },
    };
    answers.set("GET /containers/dev-1/json", { status: 200, body: there });
    await use(async () => "done");
    expect(created.HostConfig.NetworkMode).toBe("host");
  });

  it("goes when the work fails, or is interrupted before it has begun", async () => {
    await expect(use(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(asked.at(-1)).toBe(removed);
    asked.length = 0;
    await expect(use(async () => "done", AbortSignal.abort(new Error("enough")))).rejects.toThrow("enough");
    expect(asked.at(-1)).toBe(removed);
  });

  it("goes when it could not be started, and the engine's reason is told", async () => {
    answers.set("POST /containers/dev-1-trial/start", { status: 500, body: { message: "no memory" } });
    await expect(use(async () => "done")).rejects.toMatchObject({
      code: "failed",
      message: expect.stringMatching(/^the container dev-1-trial at unix:.*no memory/),
    });
    expect(asked.at(-1)).toBe(removed);
  });

  it.each([404, 409])("may have gone by itself (%d)", async (status) => {
    answers.set("DELETE /containers/dev-1-trial", { status, body: { message: "gone, or going" } });
    expect(await use(async () => "done")).toBe("done");
  });

  it("that cannot be removed is named, with what removes it", async () => {
    answers.set("DELETE /containers/dev-1-trial", { status: 500, body: { message: "device busy" } });
    await expect(use(async () => "done")).rejects.toThrow(/device busy.*`docker rm --force dev-1-trial`/);
  });

  it("is not made when there is nothing to be like", async () => {
    answers.delete("GET /containers/dev-1/json");
    await expect(use(async () => "done")).rejects.toThrow(/has no container dev-1/);
    expect(asked).not.toContain("POST /containers/create");
  });
});
