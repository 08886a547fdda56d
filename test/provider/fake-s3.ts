import { createServer, type Server } from "node:https";
import type { TlsOptions } from "node:tls";
import { close, listen } from "./local-server.ts";
import { serverTls } from "./test-access.ts";

/** An S3 server for a few requests, over HTTPS: `answers` has a status and a body for each `METHOD /path`. */
export class FakeS3 {
  readonly answers = new Map<string, { readonly status: number; readonly body?: string }>();
  readonly asked: string[] = [];
  /** The ids of the keys that requests were signed with. */
  readonly keys: string[] = [];
  /** What is below a prefix, as XML. @default nobody lists anything */
  lists: ((prefix: string) => string) | undefined;
  url = "";
  private readonly server: Server;

  constructor({ cert, key }: TlsOptions = serverTls) {
    this.server = createServer({ cert, key }, (request, response) => {
      const url = new URL(request.url ?? "", "https://s3");
      const path = url.pathname.replace(/\/$/, "");
      const question = `${request.method} ${path}`;
      this.asked.push(question);
      this.keys.push(/Credential=([^/]*)/.exec(request.headers.authorization ?? "")?.[1] ?? "none");
      const listed = this.lists?.(url.searchParams.get("prefix") ?? "");
      const otherwise = listed === undefined ? { status: 503 } : { status: 200, body: listed };
      const { status, body = "" } = this.answers.get(question) ?? otherwise;
      request.resume();
      response.writeHead(status, { "content-type": "application/xml" }).end(body);
    });
  }

  async start(): Promise<this> {
    this.url = await listen(this.server);
    return this;
  }

  stop(): Promise<void> {
    return close(this.server);
  }

  /** An S3 error, with its code. */
  fail(question: string, status: number, code: string): void {
    this.answers.set(question, { status, body: `<Error><Code>${code}</Code><Message>no</Message></Error>` });
  }
}
