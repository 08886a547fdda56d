import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ActionError, reasonOf } from "../action-error.ts";

/** What an engine is checked with and what it is shown: PEM. */
export interface ClientCertificates {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/**
 * Reads them from a folder, where they have the names that Docker gives them.
 *
 * @param engine for the message.
 * @throws ActionError `failed` with the file that cannot be read.
 * @see https://docs.docker.com/engine/security/protect-access/
 */
export async function clientCertificates(engine: string, folder: string): Promise<ClientCertificates> {
  const read = async (name: string) => {
    const path = join(folder, name);
    return await readFile(path, "utf8").catch((error: unknown) => {
      const remedy =
        "put ca.pem, cert.pem and key.pem there, or name their folder in placement.zones[].certificates";
      throw new ActionError("failed", `the engine ${engine}: ${path}: ${reasonOf(error)}. ${remedy}`, {
        cause: error,
      });
    });
  };
  const [ca, cert, key] = await Promise.all([read("ca.pem"), read("cert.pem"), read("key.pem")]);
  return { ca, cert, key };
}
