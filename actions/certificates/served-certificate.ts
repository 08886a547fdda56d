import { type Clock, waitFor } from "../wait.ts";
import { fingerprintOf } from "./certificate-reading.ts";
import { type Peer, shownCertificate } from "./peer-certificate.ts";

export interface CertificateIsServedOptions extends Peer {
  /** Whose certificate it is, as the start of a sentence. */
  readonly what: string;
  /** The certificate that is to be seen, PEM. */
  readonly certificate: string;
  readonly deadlineMs: number;
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
}

/**
 * Waits until a server shows a certificate. Nothing is sent but the beginning of a connection, and nothing is believed
 * but that the certificate is this one.
 *
 * @throws ActionError `deadline` with what was seen last.
 */
export async function certificateIsServed(options: CertificateIsServedOptions): Promise<void> {
  const { what, certificate, deadlineMs, clock, signal, ...where } = options;
  const wanted = fingerprintOf(certificate);
  const place = `${where.host}:${where.port}`;
  const remedy = `docker logs ${what} says more; \`pulumi up\` goes on from here, and waits for none that is stopped`;
  await waitFor(
    { what: `${what} shows its new certificate`, deadlineMs, everyMs: 250, remedy, clock, signal },
    async () => {
      const seen = await shownCertificate(where);
      return fingerprintOf(seen.toString()) === wanted
        ? { found: true }
        : { pending: `${place} still shows another one` };
    },
  );
}
