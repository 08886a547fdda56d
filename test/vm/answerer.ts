import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { isSigned } from "../unit/aws-signature.ts";
import type { PlannedSecret } from "./planned.ts";

/** What machines are told by: the metadata service, Secrets Manager and S3, as far as they ask them. */
export interface Answerer {
  readonly port: number;
  readonly url: string;
  /** Every request, in its order: `PUT /latest/api/token: 200`. */
  readonly asked: readonly string[];
  /** Keys of objects in the bucket. */
  readonly objects: ReadonlySet<string>;
  close(): Promise<void>;
}

/** What is known of a cluster on AWS. */
export interface Known {
  readonly secrets: readonly PlannedSecret[];
  readonly bucket: string;
  readonly region: string;
}

/** A text of a machine's, but for where Secrets Manager and S3 are: at an address of this machine. */
export function elsewhere(text: string, region: string, url: string): string {
  return ["secretsmanager", "s3"].reduce(
    (changed, service) => changed.replaceAll(`https://${service}.${region}.amazonaws.com`, url),
    text,
  );
}

interface Answer {
  readonly code: number;
  readonly text?: string;
}

interface Request {
  readonly message: IncomingMessage;
  readonly method: string;
  readonly path: string;
  readonly body: string;
}

/** @param address of this machine, where the others reach it. */
export async function startAnswerer(address: string, known: Known): Promise<Answerer> {
  const asked: string[] = [];
  const objects = new Set<string>();
  const place = { url: "" };
  const answers = answersOf(known, objects, place);
  const server = createServer((message, response) => {
    void bodyOf(message).then((body) => {
      const { method = "", url = "" } = message;
      const { code, text = "" } = answers({ message, method, path: url, body });
      asked.push(`${method} ${url}: ${code}`);
      end(response, code, text);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, address, resolve);
  });
  const { port } = server.address() as AddressInfo;
  place.url = `http://${address}:${port}`;
  return { port, url: place.url, asked, objects, close: () => close(server) };
}

function end(response: ServerResponse, code: number, text: string): void {
  // S3 tells what it took an object for.
  response.writeHead(code, { "content-length": Buffer.byteLength(text), etag: '"0"' });
  response.end(text);
}

async function bodyOf(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

const role = "machine";

/** Nothing is told to who does not show what AWS wants to see: the token there, and here a signature that is right. */
function answersOf(
  { secrets, bucket, region }: Known,
  objects: Set<string>,
  place: { readonly url: string },
): (request: Request) => Answer {
  const token = randomBytes(16).toString("hex");
  const credentials = {
    ...{ Code: "Success", Type: "AWS-HMAC", AccessKeyId: "ASIAMACHINE" },
    SecretAccessKey: randomBytes(20).toString("hex"),
    Token: randomBytes(20).toString("hex"),
    Expiration: new Date(Date.now() + 6 * 3_600_000).toISOString(),
  };
  const metadata = ({ message, method, path }: Request): Answer => {
    const { headers } = message;
    if (path === "/latest/api/token") {
      const isAsked = method === "PUT" && Number(headers["x-aws-ec2-metadata-token-ttl-seconds"]) > 0;
      return isAsked ? { code: 200, text: token } : { code: 400 };
    }
    if (headers["x-aws-ec2-metadata-token"] !== token) return { code: 401 };
    const folder = "/latest/meta-data/iam/security-credentials/";
    if (path === folder) return { code: 200, text: role };
    return path === `${folder}${role}` ? { code: 200, text: JSON.stringify(credentials) } : { code: 404 };
  };
  const secret = ({ message, body }: Request): Answer => {
    if (message.headers["x-amz-target"] !== "secretsmanager.GetSecretValue") return { code: 400 };
    const { SecretId, VersionId } = JSON.parse(body);
    const found = secrets.find(({ arn }) => arn === SecretId);
    if (found === undefined || ![undefined, found.version].includes(VersionId)) {
      return { code: 400, text: JSON.stringify({ __type: "ResourceNotFoundException" }) };
    }
    const { arn: ARN, version, text } = found;
    const SecretString = elsewhere(text, region, place.url);
    return { code: 200, text: JSON.stringify({ ARN, VersionId: version, SecretString }) };
  };
  const object = ({ method, path }: Request): Answer => {
    const key = decodeURIComponent(path.slice(`/${bucket}/`.length));
    if (method === "PUT") objects.add(key);
    return { code: objects.has(key) ? 200 : 404 };
  };
  return (request) => {
    const { message, path, body } = request;
    if (path.startsWith("/latest/")) return metadata(request);
    const isOurs = message.headers["x-amz-security-token"] === credentials.Token;
    if (!isOurs || !isSigned(message, body, credentials.SecretAccessKey)) return { code: 403 };
    if (path === "/") return secret(request);
    if (path === `/${bucket}`) return { code: 200 };
    return path.startsWith(`/${bucket}/`) ? object(request) : { code: 404 };
  };
}
