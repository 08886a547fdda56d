import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { ActionError } from "../../actions/action-error.ts";
import { certificatesOf, expiryOf } from "../../actions/certificate-reading.ts";
import { describeExpiry, RENEWAL_DAYS } from "../../actions/certificate-renewal.ts";
import { type Issued, makeAuthority, renewAuthority } from "../../actions/certificates.ts";
import { checkGivenAuthority } from "../../actions/given-authority.ts";
import type { Checked, Kind } from "../kind.ts";
import { type Properties, secret } from "../wire.ts";

const certifiedKey = z.object({ certificate: z.string(), privateKey: z.string() });

const inputs = z.object({
  cluster: z.string(),
  generation: z.number().int().positive(),
  years: z.number().int().positive(),
  given: certifiedKey.optional(),
});

/**
 * What signs the certificates of a cluster's parts. One that was made here is renewed with its name and its key, so that
 * no part has to trust anybody new; one that was given is handed on as it is.
 */
export const certificateAuthority: Kind = {
  create: async (properties, { now = () => new Date() }) => {
    const { cluster, generation, years, given } = inputs.parse(properties);
    const commonName = `${cluster} CA ${generation}`;
    const made =
      given === undefined
        ? await makeAuthority({ commonName, years, now: now() })
        : await taken(given, now());
    return { id: `${cluster}-ca-${generation}`, outputs: outputsOf(made) };
  },
  update: async (olds, news, { now = () => new Date() }) => {
    const { years, given } = inputs.parse(news);
    const made =
      given === undefined
        ? await renewAuthority(certifiedKey.parse(olds), { years, now: now() })
        : await taken(given, now());
    return outputsOf(made);
  },
};

async function taken(given: z.infer<typeof certifiedKey>, now: Date): Promise<Issued> {
  const issues = await checkGivenAuthority(given.certificate, given.privateKey, now);
  if (issues.length > 0) throw new ActionError("refused", `the CA that is given: ${issues.join("; ")}`);
  return { ...given, expires: expiryOf(given.certificate) };
}

function outputsOf({ certificate, privateKey, expires }: Issued): Properties {
  return { certificate, privateKey: secret(privateKey), expires: expires.toISOString() };
}

/** Refuses a given CA that cannot be used, and another CA than the one that a cluster already trusts. */
export async function checkAuthority(
  olds: Properties | undefined,
  news: Properties,
  now: Date,
): Promise<Checked> {
  const { given } = inputs.parse(news);
  const before = olds === undefined ? undefined : inputs.parse(olds);
  const issues =
    given === undefined ? [] : await checkGivenAuthority(given.certificate, given.privateKey, now);
  const reasons = issues.length === 0 && before !== undefined ? checkSame(before.given, given) : issues;
  return {
    refusals: reasons.map((reason) => ({ property: "given", reason })),
    sentences: [],
    warnings: given === undefined || reasons.length > 0 ? [] : warnOf(given.certificate, now),
  };
}

type Given = z.infer<typeof inputs>["given"];

/** A renewed certificate of the same CA is no other CA: what it has signed stays good. */
function checkSame(before: Given, now: Given): readonly string[] {
  const remedy = "declare the former one again, or make a new cluster";
  const refusal = `the CA of a running cluster cannot be replaced yet, for no part trusts the new one: ${remedy}`;
  if (before === undefined && now === undefined) return [];
  if (before === undefined || now === undefined) return [refusal];
  if (isDeepStrictEqual(before, now)) return [];
  const [[old], [renewed]] = [certificatesOf(before.certificate), certificatesOf(now.certificate)];
  const isSame = old.subject === renewed.subject && old.publicKey.equals(renewed.publicKey);
  return isSame ? [] : [refusal];
}

function warnOf(certificate: string, now: Date): readonly string[] {
  const expires = expiryOf(certificate);
  if (expires.getTime() - now.getTime() >= RENEWAL_DAYS * 24 * 60 * 60_000) return [];
  return [
    `the given CA ${describeExpiry(expires, now)}, and every certificate with it. It is not renewed by itself, as all members would have to trust the new one first: have its own certificate renewed with the same name and key, and give that`,
  ];
}
