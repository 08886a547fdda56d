import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { bodyOf } from "./local-server.ts";

/** A container, volume or network: its labels without what they all begin with. */
interface Part {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Of a container: names of its volumes. @default none */
  readonly mounts?: readonly string[];
}

/** As much of a Docker engine as removes parts and gives and takes images, on a socket of its own. */
export class FakeEngine {
  containers: readonly Part[] = [];
  volumes: readonly Part[] = [];
  networks: readonly Part[] = [];
  /** Ids by name. */
  readonly images = new Map<string, string>();
  /** Of `METHOD /path`: an answer in place of the usual one. */
  readonly answers = new Map<string, { readonly status: number; readonly message: string }>();
  /** What was changed, in its order. */
  readonly done: string[] = [];
  /** Most containers that were stopping at one time. */
  stoppingAtOnce = 0;
  /** It takes connections and says nothing. */
  silent = false;
  asked = 0;
  private stopping = 0;
  private folder = "";
  private readonly open = new Set<Socket>();
  private readonly server: Server = createServer((request, response) => {
    this.asked += 1;
    if (!this.silent) this.answer(request, response).catch((error: Error) => response.destroy(error));
  });

  async start(): Promise<this> {
    this.folder = await mkdtemp(join(tmpdir(), "fake-engine-"));
    this.server.on("connection", (socket) => {
      this.open.add(socket);
      socket.once("close", () => this.open.delete(socket));
    });
    await new Promise<void>((resolve) => this.server.listen(join(this.folder, "docker.sock"), resolve));
    return this;
  }

  /** As the docker provider takes it. */
  get host(): string {
    return `unix://${join(this.folder, "docker.sock")}`;
  }

  /** From then on nobody answers there. */
  async stop(): Promise<void> {
    if (!this.server.listening) return;
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    for (const socket of this.open) socket.destroy();
    await closed;
    await rm(this.folder, { recursive: true });
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "", "http://engine");
    const question = `${request.method} ${url.pathname}`;
    const instead = this.answers.get(question);
    if (instead !== undefined) say(response, instead.status, { message: instead.message });
    else if (question === "POST /images/load") response.end(this.load(await bodyOf(request)));
    else if (url.pathname.startsWith("/images/")) this.image(url.pathname, response);
    else if (request.method === "GET") say(response, 200, this.list(url));
    else {
      await this.change(`${question}${url.search}`);
      response.writeHead(204).end();
    }
  }

  private list(url: URL): unknown {
    if (url.pathname === "/containers/json") return this.found(this.containers, url).map(asContainer);
    if (url.pathname === "/networks") return this.found(this.networks, url).map(asOther);
    const volumes = this.found(this.volumes, url).map(asOther);
    // An engine that has none says so.
    return { Volumes: volumes.length === 0 ? null : volumes };
  }

  /** Those with all of the labels that are asked for. */
  private found(parts: readonly Part[], url: URL): readonly Part[] {
    const { label = [] }: { label?: readonly string[] } = JSON.parse(url.searchParams.get("filters") ?? "{}");
    return parts.filter(({ labels }) => {
      const own = Object.entries(labels).map(([name, value]) => `pulumi-spilo.${name}=${value}`);
      return label.every((wanted) => own.includes(wanted));
    });
  }

  /** Stopping takes a moment, so that it is seen what is done at once. */
  private async change(question: string): Promise<void> {
    const stops = question.includes("/stop");
    if (stops) {
      this.stopping += 1;
      this.stoppingAtOnce = Math.max(this.stoppingAtOnce, this.stopping);
      await pause(20);
      this.stopping -= 1;
    }
    this.done.push(question);
  }

  private image(path: string, response: ServerResponse): void {
    const [, name = "", verb] = /^\/images\/(.+)\/(json|get)$/.exec(path) ?? [];
    const id = this.images.get(name);
    if (id === undefined) say(response, 404, { message: `No such image: ${name}` });
    else if (verb === "json") say(response, 200, { Id: id, Size: 3 * 1024 * 1024 });
    else response.end(`${name} ${id}`);
  }

  /** An archive of this engine is a name and an id. */
  private load(archive: string): string {
    const [name = "", id = ""] = archive.split(" ");
    if (id === "broken") return JSON.stringify({ errorDetail: {}, error: "unexpected EOF" });
    this.images.set(name, id);
    this.done.push(`load ${archive}`);
    return JSON.stringify({ stream: `Loaded image: ${name}` });
  }
}

function say(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

function labelled({ labels }: Part): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).map(([name, value]) => [`pulumi-spilo.${name}`, value]));
}

function asContainer(part: Part) {
  const Mounts = (part.mounts ?? []).map((Name) => ({ Name }));
  return { Id: part.name, Names: [`/${part.name}`], Labels: labelled(part), Mounts };
}

function asOther(part: Part) {
  return { Id: part.name, Name: part.name, Labels: labelled(part) };
}
