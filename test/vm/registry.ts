import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, readFile, rm, stat } from "node:fs/promises";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { execa } from "execa";

/** Images of this machine's engine as a registry has them: only to be read, and by machines of its network. */
export interface Registry {
  readonly port: number;
  /** Of blobs that were asked for. */
  readonly served: readonly string[];
  close(): Promise<void>;
}

interface Blob {
  readonly digest: string;
  readonly size: number;
  readonly file: string;
}

const types = {
  manifest: "application/vnd.docker.distribution.manifest.v2+json",
  config: "application/vnd.docker.container.image.v1+json",
  layer: "application/vnd.docker.image.rootfs.diff.tar",
};

/** @param folder for what is served; it is removed at the end. */
export async function startRegistry(address: string, image: string, folder: string): Promise<Registry> {
  await mkdir(folder, { recursive: true });
  const archive = join(folder, "image.tar");
  await execa("docker", ["save", "--output", archive, image]);
  await execa("tar", ["--extract", "--file", archive, "--directory", folder]);
  await rm(archive);
  const [{ Config, Layers }] = JSON.parse(await readFile(join(folder, "manifest.json"), "utf8"));
  const config = await blobOf(join(folder, Config));
  const layers = await Promise.all(Layers.map((layer: string) => blobOf(join(folder, layer))));
  const manifest = manifestOf(config, layers);
  const blobs = new Map<string, Blob>([config, ...layers].map((blob) => [blob.digest, blob]));
  const served: string[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? "";
    const [, digest = ""] = /\/blobs\/(sha256:[0-9a-f]{64})$/.exec(path) ?? [];
    const blob = blobs.get(digest);
    if (path === "/v2/") return void response.writeHead(200).end("{}");
    if (path.includes("/manifests/")) return send(response, request.method, manifest);
    if (blob === undefined) return void response.writeHead(404).end();
    served.push(digest);
    response.writeHead(200, { "content-length": blob.size, "docker-content-digest": digest });
    if (request.method === "HEAD") return void response.end();
    pipeline(createReadStream(blob.file), response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  return {
    port: (server.address() as AddressInfo).port,
    served,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function send(response: ServerResponse, method: string | undefined, text: string): void {
  const digest = `sha256:${createHash("sha256").update(text).digest("hex")}`;
  const headers = { "content-type": types.manifest, "docker-content-digest": digest };
  response.writeHead(200, { ...headers, "content-length": Buffer.byteLength(text) });
  response.end(method === "HEAD" ? undefined : text);
}

function manifestOf(config: Blob, layers: readonly Blob[]): string {
  const entry = (mediaType: string, { digest, size }: Blob) => ({ mediaType, digest, size });
  return JSON.stringify({
    ...{ schemaVersion: 2, mediaType: types.manifest, config: entry(types.config, config) },
    layers: layers.map((layer) => entry(types.layer, layer)),
  });
}

async function blobOf(file: string): Promise<Blob> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return { digest: `sha256:${hash.digest("hex")}`, size: (await stat(file)).size, file };
}
