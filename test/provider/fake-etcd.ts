import { createServer, type Server } from "node:https";
import { z } from "zod";
import { type AnswerOfAuth, FakeEtcdAuth } from "./fake-etcd-auth.ts";
import { bodyOf, close, listen } from "./local-server.ts";
import { serverTls } from "./test-access.ts";

interface Held {
  readonly value: string;
  readonly revision: number;
}

const rangeQuestion = z.object({ key: z.string() });
const transaction = z.object({
  compare: z.tuple([z.object({ mod_revision: z.string() })]),
  success: z.tuple([z.object({ request_put: z.object({ key: z.string(), value: z.string() }) })]),
});

/**
 * etcd's JSON gateway for a handful of keys; `refuse` answers as a voter without a quorum does. It answers nobody
 * without a certificate, and once authentication is on, nobody without a token.
 */
export class FakeEtcd {
  readonly keys = new Map<string, Held>();
  readonly auth = new FakeEtcdAuth();
  /** Every path that was asked, in order. */
  readonly asked: string[] = [];
  /** How many questions are answered with an error first. */
  refuse = 0;
  /** Which question, from 1, is carried out and then answered with an error. */
  loseAnswer = 0;
  writes = 0;
  url = "";
  private revision = 0;
  private readonly server: Server = createServer(serverTls, async (request, response) => {
    const sent: unknown = JSON.parse(await bodyOf(request));
    const path = (request.url ?? "").replace("/v3/", "");
    this.asked.push(path);
    if (this.refuse > 0) {
      this.refuse -= 1;
      response.writeHead(503).end('{"message":"etcdserver: no leader"}');
      return;
    }
    const { status, body } = this.answer(path, sent, request.headers.authorization);
    if (this.asked.length === this.loseAnswer) response.writeHead(503).end("{}");
    else response.writeHead(status).end(JSON.stringify(body));
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

  private answer(path: string, body: unknown, token: string | undefined): AnswerOfAuth {
    if (path.startsWith("auth/")) return this.auth.answer(path, body, token);
    const key = path === "kv/range" ? rangeQuestion.parse(body).key : putOf(body).key;
    const refusal = this.auth.refusalFor(key, token);
    if (refusal !== undefined) return refusal;
    return { status: 200, body: path === "kv/range" ? this.range(text(key)) : this.transaction(body) };
  }

  private range(key: string): object {
    const held = this.keys.get(key);
    if (held === undefined) return {};
    return {
      kvs: [{ value: Buffer.from(held.value).toString("base64"), mod_revision: String(held.revision) }],
    };
  }

  private transaction(body: unknown): object {
    const { key, value } = putOf(body);
    const [{ mod_revision }] = transaction.parse(body).compare;
    const revision = this.keys.get(text(key))?.revision ?? 0;
    if (String(revision) !== mod_revision) return {};
    this.writes += 1;
    this.put(text(key), text(value));
    return { succeeded: true };
  }
}

function putOf(body: unknown): { readonly key: string; readonly value: string } {
  return transaction.parse(body).success[0].request_put;
}

function text(base64: string): string {
  return Buffer.from(base64, "base64").toString("utf8");
}
