import { identityFiles } from "../../cluster/render/container-paths.ts";
import { unlessPassing } from "../action-error.ts";
import { type CertifiedKey, type Issued, issueCertificate } from "../certificates/certificates.ts";
import { takeIdentity } from "../certificates/identity.ts";
import type { PartVolume } from "../engine/part-files.ts";
import type { Narrator } from "../verbs/verb.ts";
import { waitFor } from "../wait.ts";
import type { TrustingPart } from "./part.ts";
import type { AuthorityTools } from "./tools.ts";

/** What all steps from one authority to another have in common. */
export interface AuthorityWork {
  readonly cluster: string;
  /** Who is trusted from now on, and signs. */
  readonly authority: CertifiedKey;
  /** Whom all parts trusted when the last rotation was done. */
  readonly before: CertifiedKey;
  readonly narrator: Pick<Narrator, "note" | "warn">;
  /** For one part to do one thing. */
  readonly deadlineMs: number;
  readonly now: Date;
  readonly signal: AbortSignal;
}

/** The files in which a part has those that it trusts. */
export const trustFiles: readonly string[] = [identityFiles.ca, identityFiles.s3Ca];

export function placeOf({ engine, image, volume }: TrustingPart, { signal }: AuthorityWork): PartVolume {
  return { engine, image, volume, signal };
}

/** A certificate by which it shows whether an authority counts somewhere; good for a day. */
export function clientOf(authority: CertifiedKey, { cluster, now }: AuthorityWork): Promise<Issued> {
  const commonName = `${cluster}-authority-check`;
  return issueCertificate({
    authority,
    commonName,
    dnsNames: [],
    addresses: [],
    uses: ["client"],
    days: 1,
    now,
  });
}

/** Is a certificate taken wherever the part wants to see one? Where nobody says so, it is not. */
export async function isTakenBy(
  part: TrustingPart,
  shown: CertifiedKey,
  tools: AuthorityTools,
): Promise<boolean> {
  const each = await Promise.all(part.served.map((place) => tools.isTaken(place, shown).catch(notPassing)));
  return each.every((taken) => taken);
}

/** The same where it is to be refused by somebody who is there: it takes the other one. */
export async function isRefusedBy(
  part: TrustingPart,
  { shown, other }: { readonly shown: CertifiedKey; readonly other: CertifiedKey },
  tools: AuthorityTools,
): Promise<boolean> {
  const each = await Promise.all(
    part.served.map(async (place) => {
      try {
        return !(await tools.isTaken(place, shown)) && (await tools.isTaken(place, other));
      } catch (error) {
        return notPassing(error);
      }
    }),
  );
  return each.every((refused) => refused);
}

/** Where nobody says so, it is not. */
const notPassing = unlessPassing(false);

/** Waits until a running part has what was asked for in force. */
export async function untilInForce(
  what: string,
  look: () => Promise<boolean>,
  { deadlineMs, signal }: AuthorityWork,
  { clock }: AuthorityTools,
): Promise<void> {
  const remedy = "its log says more (docker logs); `pulumi up` goes on from here";
  await waitFor({ what, deadlineMs, everyMs: 250, remedy, clock, signal }, async () =>
    (await look()) ? { found: true } : { pending: "it does not yet" },
  );
}

export async function isRunning(
  { engine, part, reload }: TrustingPart,
  tools: AuthorityTools,
): Promise<boolean> {
  return await tools.toolsFor(engine).isRunning(reload?.container ?? part);
}

/** Has a running part take its files, and waits until it shows the certificate among them. */
export async function tell(
  { part, engine, reload, served }: TrustingPart,
  certificate: string | undefined,
  { deadlineMs, signal }: AuthorityWork,
  tools: AuthorityTools,
): Promise<void> {
  const files =
    certificate === undefined ? {} : { [identityFiles.certificate]: { content: certificate, mode: 0o644 } };
  await takeIdentity({ part, files, reload, served, deadlineMs, signal }, tools.toolsFor(engine));
}

/**
 * Another certificate for a part that looks at whom it trusts only when it has another one: with the same names, by
 * somebody whom everybody trusts. It stands until the part gets its own.
 */
export async function giveAnother(
  part: TrustingPart,
  signer: CertifiedKey,
  work: AuthorityWork,
  tools: AuthorityTools,
): Promise<void> {
  const { certificate: names, days } = part;
  const issued = await issueCertificate({ authority: signer, ...names, days, now: work.now });
  await tools.change(placeOf(part, work), () => ({
    [identityFiles.certificate]: issued.certificate,
    [identityFiles.key]: issued.privateKey,
  }));
  await tell(part, issued.certificate, work, tools);
}
