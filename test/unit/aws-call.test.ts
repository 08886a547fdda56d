import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { root } from "../../toolchain/paths.ts";
import { isSigned } from "./aws-signature.ts";

/** What AWS was asked. */
interface Asked {
  readonly what: string;
  readonly signed: boolean;
  readonly body: string;
  readonly headers: IncomingMessage["headers"];
}

const secretKey = "the-secret-key";
let folder: string;
let server: Server;
let asked: Asked[];
/** Paths of objects that are in the bucket. */
let objects: Set<string>;
let answer: (request: Asked, response: ServerResponse) => void;

beforeEach(async () => {
  asked = [];
  objects = new Set();
  answer = asAws;
  folder = mkdtempSync(join(tmpdir(), "spilo-aws-call-"));
  server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", () => {
      const one = {
        what: `${request.method} ${request.url}`,
        signed: isSigned(request, body, secretKey),
        ...{ body, headers: request.headers },
      };
      asked.push(one);
      answer(one, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const known = {
    REGION: "eu-central-1",
    BUCKET: "orders-wal",
    IMDS: url,
    SECRETS_URL: url,
    S3_URL: `${url}/s3`,
  };
  const lines = Object.entries(known).map(([name, value]) => `${name}='${value}'`);
  writeFileSync(join(folder, "node.env"), lines.join("\n"));
});

afterEach(async () => {
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true });
});

/** The metadata service, Secrets Manager and S3; nothing is told to who does not show what it has to. */
function asAws({ what, signed, headers, body }: Asked, response: ServerResponse): void {
  const end = (code: number, text = "") => response.writeHead(code).end(text);
  if (what === "PUT /latest/api/token") return void end(200, "a-token");
  if (what.startsWith("GET /latest/")) {
    if (headers["x-aws-ec2-metadata-token"] !== "a-token") return void end(401);
    if (what.endsWith("/")) return void end(200, "a-role");
    const credentials = { AccessKeyId: "AKIA", SecretAccessKey: secretKey, Token: "a-session" };
    return void end(200, JSON.stringify(credentials));
  }
  if (!signed || headers["x-amz-security-token"] !== "a-session") return void end(403, "not signed");
  const [method, path = ""] = what.split(" ");
  if (method === "POST")
    return void end(200, JSON.stringify({ SecretString: `{"asked":${JSON.stringify(body)}}` }));
  if (method === "PUT") objects.add(path);
  return void end(objects.has(path) ? 200 : 404);
}

async function call(...args: readonly string[]) {
  const script = join(root, "templates", "aws", "aws-call.sh");
  const env = { PULUMI_SPILO_NODE: join(folder, "node.env") };
  const { exitCode, stdout, stderr } = await execa("bash", [script, ...args], { env, reject: false });
  return { exitCode, stdout, stderr };
}

describe("a machine that calls AWS", () => {
  it("reads the secret that it is told, in the version that it is told, by its role", async () => {
    const { exitCode, stdout } = await call("secret", "arn:of:it", "a-version");
    expect(exitCode).toBe(0);
    expect(JSON.parse(JSON.parse(stdout).asked)).toEqual({ SecretId: "arn:of:it", VersionId: "a-version" });
    expect(asked.map(({ what }) => what)).toEqual([
      "PUT /latest/api/token",
      "GET /latest/meta-data/iam/security-credentials/",
      "GET /latest/meta-data/iam/security-credentials/a-role",
      "POST /",
    ]);
    expect(asked.at(-1)?.headers).toMatchObject({
      "x-amz-target": "secretsmanager.GetSecretValue",
      "content-type": "application/x-amz-json-1.1",
      authorization: expect.stringContaining("/eu-central-1/secretsmanager/aws4_request"),
    });
  });

  it("reads a secret as it is now when it is told no version", async () => {
    const { stdout } = await call("secret", "arn:of:it");
    expect(JSON.parse(JSON.parse(stdout).asked)).toEqual({ SecretId: "arn:of:it" });
  });

  it("marks what is not marked, and finds it then", async () => {
    expect((await call("marked", "spilo/orders/volumes/vol-1")).exitCode).toBe(1);
    expect(await call("mark", "spilo/orders/volumes/vol-1")).toEqual({ exitCode: 0, stdout: "", stderr: "" });
    expect((await call("marked", "spilo/orders/volumes/vol-1")).exitCode).toBe(0);
    expect([...objects]).toEqual(["/s3/orders-wal/spilo/orders/volumes/vol-1"]);
  });

  it.each([[["secret", "arn:of:it"]], [["marked", "key"]], [["mark", "key"]]])(
    "says so when %s is refused, and does not take it for an answer",
    async (args) => {
      answer = (one, response) => {
        if (one.what.includes("/latest/")) asAws(one, response);
        else response.writeHead(403).end("AccessDenied");
      };
      const { exitCode, stderr } = await call(...args);
      expect(exitCode).toBe(2);
      expect(stderr).toMatch(/error: (secret arn:of:it: AccessDenied|bucket orders-wal: .*403)/);
    },
  );

  it("says so when it has no role", async () => {
    answer = (_one, response) => void response.writeHead(404).end();
    const { exitCode, stderr } = await call("marked", "key");
    expect(exitCode).toBe(2);
    expect(stderr).toContain("has it an instance profile?");
  });

  it("shows no key in a command line", async () => {
    const script = join(folder, "curl");
    writeFileSync(
      script,
      `#!/bin/bash\necho "$*" >>${folder}/lines\nexec /usr/bin/env -S PATH="$REAL" curl "$@"\n`,
      {
        mode: 0o755,
      },
    );
    const path = process.env["PATH"] ?? "";
    const env = { PULUMI_SPILO_NODE: join(folder, "node.env"), REAL: path, PATH: `${folder}:${path}` };
    const program = join(root, "templates", "aws", "aws-call.sh");
    await execa("bash", [program, "mark", "key"], { env });
    const { stdout } = await execa("cat", [`${folder}/lines`]);
    expect(stdout).toContain("--aws-sigv4");
    expect(stdout).not.toContain(secretKey);
    expect(stdout).not.toContain("a-session");
  });
});
