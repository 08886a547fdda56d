import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fromNow, type Issued, makeAuthority } from "./authority.ts";

/** An engine that is reached over TLS, by whoever shows a certificate. */
export interface EngineTls {
  /** As the docker provider takes it. */
  readonly host: string;
  /** The client's folder, with ca.pem, cert.pem and key.pem. */
  readonly certificates: string;
  /** What makes the engine listen. */
  readonly options: readonly string[];
}

const DAY = 86_400_000;

/** How an engine is reached whose certificates have been made. */
export function engineTls(address: string, directory: string): EngineTls {
  const own = join(directory, "engine-tls");
  const host = `tcp://${address}:2376`;
  const files = [`--tlscacert=${own}/ca.pem`, `--tlscert=${own}/cert.pem`, `--tlskey=${own}/key.pem`];
  return {
    host,
    certificates: join(directory, "client-tls"),
    options: [`--host=${host}`, "--tlsverify", ...files],
  };
}

/** Makes an authority for one engine, and a certificate for each side. */
export async function makeEngineTls(address: string, directory: string): Promise<void> {
  const until = fromNow(DAY);
  const authority = await makeAuthority("engine's authority", until);
  const engine = await authority.issue({ unit: "engine", addresses: [address], expires: until });
  const client = await authority.issue({ unit: "client", expires: until });
  await writeCertificates(join(directory, "engine-tls"), authority.certificate, engine);
  await writeCertificates(join(directory, "client-tls"), authority.certificate, client);
}

async function writeCertificates(folder: string, ca: string, { certificate, privateKey }: Issued) {
  await mkdir(folder);
  await writeFile(join(folder, "ca.pem"), ca);
  await writeFile(join(folder, "cert.pem"), certificate);
  await writeFile(join(folder, "key.pem"), privateKey, { mode: 0o600 });
}
