import { identityFiles } from "../../cluster/render/container-paths.ts";
import { ActionError } from "../action-error.ts";
import { certificatesOf } from "../certificates/certificate-reading.ts";
import type { Issued } from "../certificates/certificates.ts";
import { type Peer, shownCertificate } from "../certificates/peer-certificate.ts";
import type { DistrustingPart } from "./part.ts";
import type { AuthorityTools } from "./tools.ts";
import { restartInTurn } from "./voters-in-turn.ts";
import {
  type AuthorityWork,
  clientOf,
  giveAnother,
  isRefusedBy,
  isRunning,
  placeOf,
  tell,
  trustFiles,
  untilInForce,
} from "./work.ts";

export interface DistrustWork extends AuthorityWork {
  readonly parts: readonly DistrustingPart[];
  /** What somebody shows. @default asks him */
  readonly shownBy?: (peer: Peer) => ReturnType<typeof shownCertificate>;
}

/** One certificate of the former authority, which is to be refused, and one of the new. */
interface Shown {
  readonly shown: Issued;
  readonly other: Issued;
}

/**
 * Has no part trust anybody but one authority any more, and waits until a certificate of the former is refused wherever
 * one is asked for. Every part shows a certificate of the new one by then, or nothing is done.
 *
 * Parts are told whatever they refuse already: one that was trusted for a while, in a rotation that another one overtook,
 * has left nothing to ask them with.
 *
 * @throws ActionError `refused` with who still shows a certificate of the former; otherwise with the part that does not
 *   come to it.
 */
export async function distrustFormer(work: DistrustWork, tools: AuthorityTools): Promise<void> {
  const { authority, before, parts, narrator } = work;
  await Promise.all(parts.map((part) => refuseFormer(part, work, tools)));
  narrator.note("all parts show certificates of the new authority; the former is taken out of their files");
  const both = { shown: await clientOf(before, work), other: await clientOf(authority, work) };
  await Promise.all(parts.map((part) => writeDeclared(part, trustFiles, work, tools)));
  await Promise.all(
    parts.filter(({ reads }) => reads !== "start").map((part) => takeUp(part, both, work, tools)),
  );
  const { certificate, privateKey } = both.other;
  await restartInTurn(
    {
      voters: parts.filter(({ reads }) => reads === "start"),
      access: { ca: authority.certificate, certificate, privateKey },
      inForce: (voter) => isRefusedBy(voter, both, tools),
      each: true,
    },
    work,
    tools,
  );
  narrator.note("no part trusts the former authority any more");
}

/** Whoever still shows a certificate of the former authority would not be talked to any more. */
async function refuseFormer(part: DistrustingPart, work: DistrustWork, tools: AuthorityTools): Promise<void> {
  if (!(await isRunning(part, tools))) return;
  const { shownBy = shownCertificate, authority } = work;
  const issuer = certificatesOf(authority.certificate)[0];
  const look = async (place: Peer) => (await shownBy(place)).verify(issuer.publicKey);
  const what = `${part.part} shows a certificate of the new authority`;
  try {
    await untilInForce(
      what,
      async () => (await Promise.all(part.served.map(look))).every((isNew) => isNew),
      work,
      tools,
    );
  } catch (error) {
    if (!(error instanceof ActionError) || error.code !== "deadline") throw error;
    const why = "the former stays trusted, as nobody would talk to it otherwise";
    throw new ActionError("refused", `${error.message}; ${why}`, { cause: error });
  }
}

async function takeUp(
  part: DistrustingPart,
  both: Shown,
  work: DistrustWork,
  tools: AuthorityTools,
): Promise<void> {
  const runs = await isRunning(part, tools);
  if (part.reads === "reload") return runs ? tell(part, undefined, work, tools) : undefined;
  if (runs) await giveAnother(part, work.authority, work, tools);
  const names = [identityFiles.certificate, identityFiles.key];
  await writeDeclared(part, names, work, tools);
  if (!runs) return;
  await tell(part, part.files[identityFiles.certificate]?.content, work, tools);
  const what = `${part.part} refuses certificates of the former authority`;
  await untilInForce(what, () => isRefusedBy(part, both, tools), work, tools);
}

async function writeDeclared(
  part: DistrustingPart,
  names: readonly string[],
  work: DistrustWork,
  tools: AuthorityTools,
): Promise<void> {
  const declared = names.flatMap((name) => {
    const content = part.files[name]?.content;
    return content === undefined ? [] : [[name, content] as const];
  });
  await tools.change(placeOf(part, work), () => Object.fromEntries(declared));
}
