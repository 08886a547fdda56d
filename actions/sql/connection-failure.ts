import type { ClusterAccess } from "../access.ts";
import { ActionError, reasonOf } from "../action-error.ts";
import { type Peer, peerCertificate, verdictOn } from "../certificates/peer-certificate.ts";

export interface FailureOptions {
  /** What was being done, as the start of a sentence. */
  readonly what: string;
  readonly peer: Peer;
  /** What was shown to it, to find out what it says of that. @default nothing is asked */
  readonly access?: ClusterAccess;
  /** What to do about a certificate of another CA. @default to look who answers there */
  readonly otherCa?: string;
}

/**
 * What a failed connection is for the caller.
 *
 * `unreachable`, which may pass: nobody answers, the connection breaks, or the other side is about to change its files.
 * `refused`, which does not: one side does not take the other's certificate, or there is no TLS at all. It says what is
 * wrong with the certificate and what to do.
 */
export async function connectionFailure(error: unknown, options: FailureOptions): Promise<ActionError> {
  const verdict = await untold(error, options);
  const problem = await certificateProblem(verdict ?? error, options);
  if (problem === undefined) {
    return new ActionError("unreachable", `${options.what}: ${reasonOf(error)}`, { cause: error });
  }
  // Without a cause: what OpenSSL calls it is said in better words.
  return new ActionError("refused", `${options.what}: ${problem}`);
}

/** Some that were asked, and why none of them answered: it may pass if any of the reasons may. */
export function noAnswer(what: string, errors: readonly unknown[]): ActionError {
  const final =
    errors.length > 0 && errors.every((one) => one instanceof ActionError && one.code === "refused");
  const reasons = [...new Set(errors.map(reasonOf))].join("; ");
  return new ActionError(final ? "refused" : "unreachable", `${what}: ${reasons}`, {
    cause: new AggregateError(errors),
  });
}

/** The reason of somebody who closed a connection without one. */
async function untold(error: unknown, { access, peer }: FailureOptions): Promise<Error | undefined> {
  const closed = chainOf(error).some((one) =>
    ["UND_ERR_SOCKET", "ECONNRESET", "EPIPE"].includes(codeOf(one)),
  );
  return closed && access !== undefined ? verdictOn(access, peer) : undefined;
}

async function certificateProblem(error: unknown, options: FailureOptions): Promise<string | undefined> {
  const { peer, otherCa = `look who answers there (docker ps on its machine)` } = options;
  const at = `${peer.host}:${peer.port}`;
  for (const found of chainOf(error)) {
    const code = codeOf(found);
    if (code === "CERT_HAS_EXPIRED") {
      return `the certificate of ${at} ${await expiry(peer)}: run \`pulumi up\`, which renews it and has it loaded`;
    }
    if (code === "CERT_NOT_YET_VALID") {
      return `the certificate of ${at} is not valid yet: compare the clocks of both machines`;
    }
    if (otherAuthority.has(code)) {
      return `the certificate of ${at} is not signed by the CA that is trusted here: ${otherCa}`;
    }
    if (code === "ERR_TLS_CERT_ALTNAME_INVALID") {
      return `the certificate of ${at} is not for ${peer.host} but for ${namesIn(found)}: look who answers there, or run \`pulumi up\`, which issues one for each address`;
    }
    const alert = refusals.find(([known]) => code.endsWith(known));
    if (alert !== undefined) {
      return `${at} refuses the certificate that is shown to it (${alert[1]}): run \`pulumi up\`, which renews it and has each part trust the same CA`;
    }
    if (speaksNoTls(found, code)) return `${at} answers without TLS: look who answers there`;
  }
  return undefined;
}

/** OpenSSL's words for: its signature leads to nobody who is trusted. */
const otherAuthority: ReadonlySet<string> = new Set([
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "CERT_SIGNATURE_FAILURE",
  "CERT_UNTRUSTED",
  "INVALID_CA",
  "INVALID_PURPOSE",
]);

/**
 * What the other side says of ours. An alert of an internal error or of a failed handshake is none of these: it may
 * come from somebody whose files are being renewed.
 */
const refusals: readonly (readonly [code: string, meaning: string])[] = [
  ["ALERT_UNKNOWN_CA", "it trusts another CA"],
  ["ALERT_CERTIFICATE_EXPIRED", "expired"],
  ["ALERT_BAD_CERTIFICATE", "it does not take it"],
  ["ALERT_CERTIFICATE_UNKNOWN", "it does not take it"],
  ["ALERT_CERTIFICATE_REVOKED", "revoked"],
  ["ALERT_UNSUPPORTED_CERTIFICATE", "it is not one for clients"],
  ["ALERT_CERTIFICATE_REQUIRED", "none was shown"],
  ["ALERT_ACCESS_DENIED", "not admitted"],
  ["ALERT_DECRYPT_ERROR", "its key does not fit"],
];

function speaksNoTls(error: Error, code: string): boolean {
  return (
    ["ERR_SSL_WRONG_VERSION_NUMBER", "ERR_SSL_PACKET_LENGTH_TOO_LONG", "ERR_SSL_HTTP_REQUEST"].includes(
      code,
    ) || error.message === "The server does not support SSL connections"
  );
}

async function expiry(peer: Peer): Promise<string> {
  const certificate = await peerCertificate(peer);
  const until = certificate === undefined ? undefined : new Date(certificate.validTo);
  if (until === undefined || until > new Date()) return "has expired, or that of its CA";
  return `expired on ${until.toISOString().slice(0, 10)}`;
}

function namesIn(error: Error): string {
  const cert = "cert" in error ? error.cert : undefined;
  const names =
    typeof cert === "object" && cert !== null && "subjectaltname" in cert ? cert.subjectaltname : "";
  if (typeof names !== "string" || names === "") return "nobody";
  return names.replaceAll(/\b(DNS|IP Address|URI):/g, "");
}

/** An error, those that caused it, and those that it stands for. */
function chainOf(error: unknown): readonly Error[] {
  if (!(error instanceof Error)) return [];
  const inner = error instanceof AggregateError ? error.errors : [error.cause];
  return [error, ...inner.flatMap(chainOf)];
}

function codeOf(error: Error): string {
  return "code" in error && typeof error.code === "string" ? error.code : "";
}
