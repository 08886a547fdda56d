import { identityFiles } from "../../cluster/render/container-paths.ts";
import { bundleKeeping, caBundle, trustsAnyOf } from "../../cluster/rotation/rotation.ts";
import { isSameAuthority } from "../certificates/certificate-reading.ts";
import type { Issued } from "../certificates/certificates.ts";
import type { TrustingPart } from "./part.ts";
import type { AuthorityTools } from "./tools.ts";
import { restartInTurn } from "./voters-in-turn.ts";
import {
  type AuthorityWork,
  clientOf,
  giveAnother,
  isRunning,
  isTakenBy,
  placeOf,
  tell,
  untilInForce,
} from "./work.ts";

export interface TrustWork extends AuthorityWork {
  readonly parts: readonly TrustingPart[];
  /** PEM of those that came before `authority`, one or several. */
  readonly former: string;
}

/**
 * Has every part trust another authority beside those that it trusts, and waits until that is in force. Nobody shows a
 * certificate of the new one yet, so it makes no difference when each of them comes to it.
 *
 * One that was only renewed, with its name and its key, is trusted already but by its former certificate, which ends:
 * then only those are concerned that would not see the new one before they start again.
 *
 * Done twice, it does nothing that is done. A part without its volume is passed over, since it is made with what counts.
 *
 * @throws ActionError with the part that does not come to it.
 */
export async function trustAuthority(work: TrustWork, tools: AuthorityTools): Promise<void> {
  const { authority, before, parts, narrator } = work;
  const isRenewed = isSameAuthority(before.certificate, authority.certificate);
  const concerned = isRenewed ? parts.filter(({ reads }) => reads === "start") : parts;
  const written = await Promise.all(
    concerned.map(async (part) => ((await isWritten(part, work, tools)) ? [part] : [])),
  );
  const present = written.flat();
  narrator.note(`${present.length} parts come to trust the new authority beside the former`);
  const shown = await clientOf(authority, work);
  await Promise.all(
    present.filter(({ reads }) => reads !== "start").map((part) => takeUp(part, shown, work, tools)),
  );
  const { certificate, privateKey } = await clientOf(before, work);
  await restartInTurn(
    {
      voters: present.filter(({ reads }) => reads === "start"),
      access: { ca: caBundle([authority.certificate, formerOf(work)]), certificate, privateKey },
      inForce: (voter) => isTakenBy(voter, shown, tools),
      // Of two certificates with one key, nobody can see from outside which one is known.
      each: isRenewed,
    },
    work,
    tools,
  );
}

function formerOf({ before, former }: TrustWork): string {
  return former === "" ? before.certificate : caBundle([before.certificate, former]);
}

async function isWritten(part: TrustingPart, work: TrustWork, tools: AuthorityTools): Promise<boolean> {
  const { certificate } = work.authority;
  const former = formerOf(work);
  const changed = await tools.change(placeOf(part, work), (found) => {
    const [ca, s3Ca] = [found[identityFiles.ca] ?? "", found[identityFiles.s3Ca] ?? ""];
    // The archive's server may be somebody else's, with an authority of its own.
    const isOurs = trustsAnyOf(s3Ca, former) || trustsAnyOf(s3Ca, certificate);
    return {
      [identityFiles.ca]: bundleKeeping(certificate, former, ca),
      ...(isOurs ? { [identityFiles.s3Ca]: bundleKeeping(certificate, former, s3Ca) } : {}),
    };
  });
  return changed !== undefined;
}

async function takeUp(
  part: TrustingPart,
  shown: Issued,
  work: TrustWork,
  tools: AuthorityTools,
): Promise<void> {
  if (!(await isRunning(part, tools))) return;
  if (part.reads === "reload") return tell(part, undefined, work, tools);
  if (await isTakenBy(part, shown, tools)) return;
  await giveAnother(part, work.before, work, tools);
  const what = `${part.part} takes certificates of the new authority`;
  await untilInForce(what, () => isTakenBy(part, shown, tools), work, tools);
}
