import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ExecResult } from "../../actions/engine/container-exec.ts";
import { bodyOf, close } from "./local-server.ts";

/** What a program in a container ends with. */
type Program = (container: string, command: string) => ExecResult;

/** As much of a Docker engine as runs programs in containers, on a socket of its own. */
export class FakeExec {
  /** What ran, in its order: `container: command`. */
  readonly ran: string[] = [];
  private readonly program: Program;
  private readonly ended = new Map<string, ExecResult>();
  private folder = "";
  private readonly server: Server = createServer((request, response) => {
    this.answer(request, response).catch((error: Error) => response.destroy(error));
  });

  constructor(program: Program) {
    this.program = program;
  }

  async start(): Promise<this> {
    this.folder = await mkdtemp(join(tmpdir(), "fake-exec-"));
    await new Promise<void>((resolve) => this.server.listen(join(this.folder, "docker.sock"), resolve));
    return this;
  }

  /** As the docker provider takes it. */
  get host(): string {
    return `unix://${join(this.folder, "docker.sock")}`;
  }

  async stop(): Promise<void> {
    await close(this.server);
    await rm(this.folder, { recursive: true, force: true });
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, kind, id = "", verb] = (request.url ?? "").split("/");
    const text = await bodyOf(request);
    if (kind === "containers") {
      const { Cmd } = JSON.parse(text) as { readonly Cmd: readonly string[] };
      const command = Cmd.join(" ");
      this.ran.push(`${id}: ${command}`);
      const exec = String(this.ran.length);
      this.ended.set(exec, this.program(id, command));
      say(response, { Id: exec });
      return;
    }
    const ended = this.ended.get(id) ?? { exitCode: 127, output: "", errors: "no such program" };
    if (verb === "json") say(response, { Running: false, ExitCode: ended.exitCode });
    else response.end(Buffer.concat([frame(1, ended.output), frame(2, ended.errors)]));
  }
}

/** Both outputs come in one stream: each piece with its number and length before it. */
function frame(output: number, text: string): Buffer {
  const body = Buffer.from(text);
  const head = Buffer.alloc(8);
  head.writeUInt8(output, 0);
  head.writeUInt32BE(body.length, 4);
  return body.length === 0 ? body : Buffer.concat([head, body]);
}

function say(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
}
