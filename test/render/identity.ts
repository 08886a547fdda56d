import { issueCertificate, makeAuthority } from "../../actions/certificates/certificates.ts";
import { type CertificatePlan, identityPath } from "../../cluster/index.ts";

/** Who signs certificates in a test. */
export interface TestAuthority {
  /** The files of a part's identity by their path in the container, as its container has them. */
  readonly identityOf: (plan: CertificatePlan) => Promise<Readonly<Record<string, string>>>;
}

/** An authority of a test's own: nobody else trusts it. */
export async function testAuthority(): Promise<TestAuthority> {
  const authority = await makeAuthority({ commonName: "render test", years: 1, now: new Date() });
  return {
    identityOf: async (plan) => {
      const { certificate, privateKey } = await issueCertificate({
        authority,
        ...plan,
        days: 1,
        now: new Date(),
      });
      return {
        [identityPath("ca")]: authority.certificate,
        [identityPath("certificate")]: certificate,
        [identityPath("key")]: privateKey,
        [identityPath("pair")]: `${certificate}${privateKey}`,
      };
    },
  };
}

/** The same files in another folder, for another one who shows or checks them in the same container. */
export function inFolder(
  folder: string,
  identity: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(identity).map(([path, content]) => [`${folder}/${path.split("/").at(-1)}`, content]),
  );
}
