import { createHash, createHmac } from "node:crypto";
import type { IncomingMessage } from "node:http";

/**
 * Whether a request is signed as AWS wants it: its version 4, worked out here from what arrived.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function isSigned(request: IncomingMessage, body: string, secretKey: string): boolean {
  const { authorization = "" } = request.headers;
  const found =
    /^AWS4-HMAC-SHA256 Credential=[^/]+\/(\S+), ?SignedHeaders=(\S+), ?Signature=([0-9a-f]{64})$/.exec(
      authorization,
    );
  const [, scope = "", names = "", signature] = found ?? [];
  const url = new URL(request.url ?? "/", "http://host");
  const header = (name: string) => String(request.headers[name] ?? "").trim();
  const canonical = [
    request.method,
    url.pathname,
    url.searchParams.toString(),
    ...names.split(";").map((name) => `${name}:${header(name)}`),
    "",
    names,
    header("x-amz-content-sha256") || hash(body),
  ].join("\n");
  const text = ["AWS4-HMAC-SHA256", header("x-amz-date"), scope, hash(canonical)].join("\n");
  const key = scope.split("/").reduce<Buffer | string>((so, part) => mac(so, part), `AWS4${secretKey}`);
  return mac(key, text).toString("hex") === signature;
}

function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function mac(key: Buffer | string, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}
