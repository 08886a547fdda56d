import { isIP } from "node:net";
import type { Duplex } from "node:stream";
import { connect as connectTls } from "node:tls";
import { ActionError, reasonOf } from "../action-error.ts";
import { askToEncrypt } from "../sql/connection.ts";
import { connectTo } from "../way/connect-to.ts";
import type { CertifiedKey } from "./certificates.ts";
import type { Peer } from "./peer-certificate.ts";

/** How long it may take to say whether a certificate is taken. */
const TIMEOUT_MS = 2000;

/**
 * Does somebody who wants to see a certificate take this one? Nothing is sent but the beginning of a connection, and who
 * answers is not checked.
 *
 * @throws ActionError `unreachable` when nobody says.
 */
export async function isTaken({ protocol, host, port, way }: Peer, shown: CertifiedKey): Promise<boolean> {
  const socket = await connectTo({ host, port, way });
  const late = AbortSignal.timeout(TIMEOUT_MS);
  try {
    return await Promise.race([
      ended(socket, late),
      (async () => {
        const answer = protocol === "postgres" ? await askToEncrypt(socket) : "S";
        if (answer !== "S") throw new Error(`it answers ${answer} when asked for TLS`);
        return await verdict(socket, host, shown);
      })(),
    ]);
  } catch (error) {
    throw new ActionError("unreachable", `${host}:${port}: ${reasonOf(error)}`, { cause: error });
  } finally {
    socket.destroy();
  }
}

/** Before there is TLS on it, the end of a connection says nothing of a certificate. */
function ended(socket: Duplex, late: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const tooLate = () => reject(new Error(`no answer within ${TIMEOUT_MS / 1000} s`));
    late.addEventListener("abort", tooLate, { once: true });
    // Later: when TLS has broken off, it says so first.
    socket.on("error", (error) => setImmediate(reject, error));
    socket.once("close", () => setImmediate(reject, new Error("closed without an answer")));
  });
}

/**
 * With TLS 1.2 the connection stands only when the certificate is taken. With later versions it stands before, and a
 * refusal comes some time afterwards, or never.
 */
function verdict(socket: Duplex, host: string, { certificate, privateKey }: CertifiedKey): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const encrypted = connectTls({
      socket,
      cert: certificate,
      key: privateKey,
      maxVersion: "TLSv1.2",
      rejectUnauthorized: false,
      ...(isIP(host) === 0 ? { servername: host } : {}),
    });
    let isShown = false;
    // The keys are agreed on when both sides have shown what they have; all that is left to say is whether it will do.
    encrypted.once("keylog", () => {
      isShown = true;
    });
    encrypted.once("secureConnect", () => setImmediate(resolve, true));
    encrypted.on("error", (error) => (isShown ? resolve(false) : reject(error)));
    // Whoever refuses may close while more is on its way, and his reason is lost then.
    encrypted.once("close", () => (isShown ? resolve(false) : reject(new Error("closed without an answer"))));
  });
}
