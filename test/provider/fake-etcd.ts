import { createServer, type Server } from "node:http";
import { bodyOf, close, listen } from "./local-server.ts";

interface Held {
  readonly value: string;
  readonly revision: number;
}

/** etcd's JSON gateway for a handful of keys; `refuse` answers as a voter without a quorum does. */
export class FakeEtcd {
  readonly keys = new Map<string, Held>();
  /** How many questions are answered with an error first. */
  refuse = 0;
  writes = 0;
  url = "";
  private revision = 0;
  private readonly server: Server = createServer(async (request, response) => {
    const sent = await bodyOf(request);
    if (this.refuse > 0) {
      this.refuse -= 1;
      response.writeHead(503).end('{"message":"etcdserver: no leader"}');
      return;
    }
    const body: unknown = JSON.parse(sent);
    response.end(JSON.stringify(request.url === "/v3/kv/range" ? this.range(body) : this.transaction(body)));
  });

  async start(): Promise<this> {
    this.url = await listen(this.server);
    return this;
  }

  stop(): Promise<void> {
    return close(this.server);
  }

  put(key: string, value: string): void {
    this.revision += 1;
    this.keys.set(key, { value, revision: this.revision });
  }

  valueOf(key: string): unknown {
    const held = this.keys.get(key);
    return held === undefined ? undefined : JSON.parse(held.value);
  }

  private range(body: unknown): object {
    const held = this.keys.get(text(at(body, "key")));
    if (held === undefined) return {};
    return {
      kvs: [{ value: Buffer.from(held.value).toString("base64"), mod_revision: String(held.revision) }],
    };
  }

  private transaction(body: unknown): object {
    const [compare] = list(at(body, "compare"));
    const [success] = list(at(body, "success"));
    const key = text(at(compare, "key"));
    const revision = this.keys.get(key)?.revision ?? 0;
    if (String(revision) !== at(compare, "mod_revision")) return {};
    this.writes += 1;
    this.put(key, text(at(at(success, "request_put"), "value")));
    return { succeeded: true };
  }
}

function at(value: unknown, key: string): unknown {
  return Object.entries(value ?? {}).find(([name]) => name === key)?.[1];
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function text(base64: unknown): string {
  return Buffer.from(String(base64), "base64").toString("utf8");
}
