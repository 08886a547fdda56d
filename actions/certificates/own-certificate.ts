import { createPrivateKey } from "node:crypto";
import type { ClusterAccess } from "../access.ts";
import { ActionError, reasonOf } from "../action-error.ts";
import { certificatesOf } from "./certificate-reading.ts";

/**
 * What the other side would not take of ours, said before it is asked: it would only close the connection.
 *
 * @throws ActionError `refused` with what is wrong and what to do.
 */
export function checkOwnCertificate({ ca, certificate, privateKey }: ClusterAccess, now = new Date()): void {
  const [own] = certificatesOf(certificate);
  const until = new Date(own.validTo);
  if (until <= now) {
    const date = until.toISOString().slice(0, 10);
    throw refused(`expired on ${date}: run \`pulumi up\`, which renews it`);
  }
  if (!certificatesOf(ca).some((one) => own.checkIssued(one) && own.verify(one.publicKey))) {
    throw refused("is not signed by the CA of the cluster: both have to come from one stack");
  }
  if (!own.checkPrivateKey(keyOf(privateKey))) {
    throw refused("does not belong to its private key: both have to come from one stack");
  }
}

function keyOf(privateKey: string) {
  try {
    return createPrivateKey(privateKey);
  } catch (error) {
    // The reason of a key that cannot be read shows nothing of it.
    throw refused(`has a private key that cannot be read (${reasonOf(error)})`);
  }
}

function refused(problem: string): ActionError {
  return new ActionError("refused", `the certificate that this stack acts with ${problem}`);
}
