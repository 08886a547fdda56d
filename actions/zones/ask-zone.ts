import { engineAddress } from "../../cluster/placement/engine-address.ts";
import { ActionError, reasonOf } from "../action-error.ts";
import { askEngine } from "../engine/ask-engine.ts";

/**
 * What came of asking a zone's engine. One that `refuses` is there: who asks is not let in, or something else answers.
 * That is a matter of access, and the zone is not gone for it.
 */
export type ZoneAnswer =
  | { readonly kind: "answers" }
  | { readonly kind: "silent" | "refuses"; readonly reason: string };

/** A zone as much as it takes to ask its engine. */
export interface AskedZone {
  readonly host: string;
  readonly certificates?: string | undefined;
}

/** For one engine, from the connection to the answer. */
const ASK_MS = 5_000;

/** Asks an engine for what an update would ask it first: whether it can say what it runs. Never throws but when aborted. */
export async function askZone(
  { host, certificates }: AskedZone,
  signal?: AbortSignal,
  deadlineMs: number = ASK_MS,
): Promise<ZoneAnswer> {
  const engine = engineAddress(host, certificates);
  try {
    const listed: unknown = await askEngine({ engine, deadlineMs, signal }, (client, abortSignal) =>
      client.listContainers({ limit: 1, abortSignal }),
    );
    return Array.isArray(listed)
      ? { kind: "answers" }
      : { kind: "refuses", reason: "something answers that is no Docker engine" };
  } catch (error) {
    signal?.throwIfAborted();
    const reason = reasonOf(error).replace(`the engine ${engine}: `, "");
    return { kind: isRefusal(error) ? "refuses" : "silent", reason };
  }
}

/** Somebody was there to say no. */
function isRefusal(error: unknown): boolean {
  if (error instanceof ActionError && error.code === "failed") return true;
  return codesOf(error).some((code) => accessCode.test(code)) || sshAccess.test(reasonOf(error));
}

/** Of a socket that may not be opened, of TLS, and of what is no HTTP. @see https://nodejs.org/api/errors.html */
const accessCode =
  /^(EACCES|EPERM|EPROTO|HPE_.*|ERR_TLS_.*|ERR_SSL_.*|ERR_OSSL_.*|CERT_.*|UNABLE_TO_.*|.*SELF_SIGNED.*|HOSTNAME_MISMATCH)$/;

/** What `ssh` says when the host is there, and the shell over there when it has no docker. */
const sshAccess =
  /permission denied|host key verification failed|too many authentication failures|command not found/i;

function codesOf(error: unknown): readonly string[] {
  if (!(error instanceof Error)) return [];
  const own = "code" in error && typeof error.code === "string" ? [error.code] : [];
  return [...own, ...codesOf(error.cause)];
}
