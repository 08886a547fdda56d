import { createServer, type Server } from "node:https";
import type { TlsOptions } from "node:tls";
import { close, listen } from "./local-server.ts";
import { serverTls } from "./test-access.ts";

/**
 * An S3 server for a few requests, over HTTPS: `answers` has a status and a body for each `METHOD /path`, or for a list of
 * what is below a prefix alone: `GET /bucket prefix`.
 */
export class FakeS3 {
  readonly answers = new Map<string, { readonly status: number; readonly body?: string }>();
  readonly asked: string[] = [];
  url = "";
  private readonly server: Server;

  constructor({ cert, key }: TlsOptions = serverTls) {
    this.server = createServer({ cert, key }, (request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? "", "https://s3");
      const question = `${request.method} ${pathname.replace(/\/$/, "")}`;
      this.asked.push(question);
      const narrower = this.answers.get(`${question} ${searchParams.get("prefix")}`);
      const { status, body = "" } = narrower ?? this.answers.get(question) ?? { status: 503 };
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
