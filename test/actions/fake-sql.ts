import type { TLSSocket, TlsOptions } from "node:tls";
import { admitted, FakePostgresServer, message, ready } from "../provider/fake-postgres-server.ts";

/** A statement as it came, with its values. */
export interface Asked {
  readonly text: string;
  readonly values: readonly string[];
}

/** Rows of one column of JSON, or an error of the server's. */
export type SqlAnswer =
  | { readonly column: string; readonly rows: readonly unknown[]; readonly type?: "json" | "bool" | "text" }
  | { readonly state: string; readonly message: string };

const types = { json: 114, bool: 16, text: 25 } as const;

/** A server of PostgreSQL's protocol that lets everybody in and answers as it is told to, without understanding a word. */
export class FakeSql extends FakePostgresServer {
  readonly asked: Asked[] = [];
  private readonly respondTo: (asked: Asked) => SqlAnswer | undefined;

  constructor(tls: TlsOptions, respondTo: (asked: Asked) => SqlAnswer | undefined) {
    super(tls);
    this.respondTo = respondTo;
  }

  protected override greet(socket: TLSSocket): void {
    socket.write(admitted);
    this.serve(socket);
  }

  private serve(socket: TLSSocket): void {
    let rest: Buffer = Buffer.alloc(0);
    let text = "";
    let values: readonly string[] = [];
    socket.on("data", (data: Buffer) => {
      rest = Buffer.concat([rest, data]);
      while (rest.length >= 5 && rest.length > rest.readInt32BE(1)) {
        const [type, body] = [String.fromCharCode(rest[0] ?? 0), rest.subarray(5, rest.readInt32BE(1) + 1)];
        rest = rest.subarray(rest.readInt32BE(1) + 1);
        if (type === "Q") socket.write(Buffer.concat([this.respond(textAt(body, 0), []), ready]));
        if (type === "P") text = textAt(body, textAt(body, 0).length + 1);
        if (type === "B") values = valuesIn(body);
        if (type === "S") socket.write(Buffer.concat([bound, this.respond(text, values), ready]));
      }
    });
  }

  private respond(text: string, values: readonly string[]): Buffer {
    this.asked.push({ text, values });
    const answer = this.respondTo({ text, values });
    if (answer === undefined) return message("C", Buffer.from("OK\0"));
    if ("state" in answer) {
      return message("E", Buffer.from(`SERROR\0VERROR\0C${answer.state}\0M${answer.message}\0\0`));
    }
    const { column, rows, type = "json" } = answer;
    const described = Buffer.concat([int16(1), Buffer.from(`${column}\0`), columnOf(types[type])]);
    const data = rows.map((row) => {
      const cell = Buffer.from(type === "json" ? JSON.stringify(row) : String(row));
      return message("D", Buffer.concat([int16(1), int32(cell.length), cell]));
    });
    return Buffer.concat([message("T", described), ...data, message("C", Buffer.from("SELECT\0"))]);
  }
}

const bound = Buffer.concat([message("1", Buffer.alloc(0)), message("2", Buffer.alloc(0))]);

function columnOf(type: number): Buffer {
  return Buffer.concat([int32(0), int16(0), int32(type), int16(-1), int32(-1), int16(0)]);
}

function textAt(body: Buffer, start: number): string {
  return body.toString("utf8", start, body.indexOf(0, start));
}

/** A bind message: names of portal and statement, formats, then each value with its length. */
function valuesIn(body: Buffer): readonly string[] {
  let at = body.indexOf(0, body.indexOf(0) + 1) + 1;
  at += 2 + 2 * body.readInt16BE(at);
  const count = body.readInt16BE(at);
  at += 2;
  return Array.from({ length: count }, () => {
    const length = body.readInt32BE(at);
    const value = body.toString("utf8", at + 4, at + 4 + length);
    at += 4 + length;
    return value;
  });
}

function int16(number: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(number);
  return bytes;
}

function int32(number: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(number);
  return bytes;
}
