import { z } from "zod";
import { ActionError } from "../../actions/action-error.ts";
import { certificatesOf, expiryOf, isSameAuthority } from "../../actions/certificates/certificate-reading.ts";
import { describeExpiry, RENEWAL_DAYS } from "../../actions/certificates/certificate-renewal.ts";
import { type Issued, makeAuthority, renewAuthority } from "../../actions/certificates/certificates.ts";
import { checkGivenAuthority } from "../../actions/certificates/given-authority.ts";
import { formerAuthorities, trustsAnyOf } from "../../cluster/rotation/rotation.ts";
import type { Checked, Kind } from "../kind.ts";
import { type Properties, secret } from "../wire.ts";

const certifiedKey = z.object({ certificate: z.string(), privateKey: z.string() });

const inputs = z.object({
  cluster: z.string(),
  generation: z.number().int().positive(),
  years: z.number().int().positive(),
  given: certifiedKey.optional(),
  stays: z.boolean().default(false),
});

/** What an update begins with. */
const state = certifiedKey.extend({ generation: z.number(), former: z.string().default("") });

/**
 * What signs the certificates of a cluster's parts. One that was made here is renewed with its name and its key, so that
 * no part has to trust anybody new; one that was given is handed on as it is. In another generation, or when another one
 * is given, it is another authority, and remembers the ones before it: all parts trust those until they are told not to.
 */
export const certificateAuthority: Kind = {
  create: async (properties, { now = () => new Date() }) => {
    const wanted = inputs.parse(properties);
    const made = await another(wanted, now());
    return { id: `${wanted.cluster}-ca-${wanted.generation}`, outputs: outputsOf(made, "") };
  },
  update: async (olds, news, { now = () => new Date() }) => {
    const wanted = inputs.parse(news);
    const before = state.parse(olds);
    const isRenewal = wanted.given === undefined && before.generation === wanted.generation;
    const made = isRenewal
      ? await renewAuthority(before, { years: wanted.years, now: now() })
      : await another(wanted, now());
    const { certificate, former } = before;
    return outputsOf(
      made,
      isSameAuthority(certificate, made.certificate)
        ? former
        : formerAuthorities(made.certificate, certificate, former),
    );
  },
};

async function another(
  { cluster, generation, years, given }: z.infer<typeof inputs>,
  now: Date,
): Promise<Issued> {
  if (given !== undefined) return await taken(given, now);
  return await makeAuthority({ commonName: `${cluster} CA ${generation}`, years, now });
}

async function taken(given: z.infer<typeof certifiedKey>, now: Date): Promise<Issued> {
  const issues = await checkGivenAuthority(given.certificate, given.privateKey, now);
  if (issues.length > 0) throw new ActionError("refused", `the CA that is given: ${issues.join("; ")}`);
  return { ...given, expires: expiryOf(given.certificate) };
}

function outputsOf({ certificate, privateKey, expires }: Issued, former: string): Properties {
  return { certificate, privateKey: secret(privateKey), expires: expires.toISOString(), former };
}

/** Refuses a given CA that cannot be used, and one in place of the cluster's own or the other way round. */
export async function checkAuthority(
  olds: Properties | undefined,
  news: Properties,
  now: Date,
): Promise<Checked> {
  const { given, stays } = inputs.parse(news);
  const before = olds === undefined ? undefined : inputs.parse(olds);
  const issues =
    given === undefined ? [] : await checkGivenAuthority(given.certificate, given.privateKey, now);
  const reasons =
    issues.length > 0 || before === undefined
      ? issues
      : [...checkOrigin(before.given, given), ...(stays ? checkSame(before.given, given) : [])];
  return {
    refusals: reasons.map((reason) => ({ property: "given", reason })),
    sentences: [],
    warnings:
      given === undefined || reasons.length > 0
        ? []
        : [
            ...warnOfEnd(given.certificate, now),
            ...warnOfRoot(before?.given?.certificate, given.certificate),
          ],
  };
}

type Given = z.infer<typeof inputs>["given"];

function checkOrigin(before: Given, now: Given): readonly string[] {
  if ((before === undefined) === (now === undefined)) return [];
  const remedy = "declare it as it was, or make a new cluster";
  return [
    `a CA that is given cannot take the place of the cluster's own, nor the other way round: ${remedy}`,
  ];
}

/** With the same name and key it may be renewed: whoever trusts it trusts it on. */
function checkSame(before: Given, now: Given): readonly string[] {
  if (before === undefined || now === undefined) return [];
  if (isSameAuthority(before.certificate, now.certificate)) return [];
  return [
    "another CA is not yet available on AWS: give the one before, or that one with a renewed certificate",
  ];
}

function warnOfEnd(certificate: string, now: Date): readonly string[] {
  const expires = expiryOf(certificate);
  if (expires.getTime() - now.getTime() >= RENEWAL_DAYS * 24 * 60 * 60_000) return [];
  return [
    `the given CA ${describeExpiry(expires, now)}, and every certificate with it. It is not renewed by itself: have its own certificate renewed with the same name and key, or take another CA, and give that`,
  ];
}

/** Whoever vouches for both vouches for the former as long as it is trusted itself. */
function warnOfRoot(before: string | undefined, now: string): readonly string[] {
  if (before === undefined || isSameAuthority(before, now) || !trustsAnyOf(now, before)) return [];
  const [own] = certificatesOf(before);
  const name = own.subject.split("\n").join(", ");
  return [
    `the given CA and the former one ('${name}') have a root in common, and all parts go on to trust what that root signs: with the former CA's key one can still get in; give a CA of another root if that is not wanted`,
  ];
}

/** What an update that is no renewal does to the cluster. */
export function explainAuthority(olds: Properties, news: Properties): readonly string[] {
  const [before, now] = [inputs.parse(olds), inputs.parse(news)];
  if (before.given !== undefined && now.given !== undefined) {
    if (isSameAuthority(before.given.certificate, now.given.certificate)) return [];
  } else if (before.generation === now.generation) return [];
  return [
    "another authority: every part first trusts it beside the former, then takes a certificate of it, and at the end trusts the former no more; no member or proxy is restarted, etcd's voters are, one after the other and twice",
    "clients that verify the server need the new output `ca`: who has only the former one is not connected any more as soon as the members have their new certificates",
  ];
}
