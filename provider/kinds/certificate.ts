import { z } from "zod";
import { issueCertificate } from "../../actions/certificates/certificates.ts";
import type { Kind, KindContext } from "../kind.ts";
import { type Properties, secret } from "../wire.ts";

const inputs = z.object({
  authority: z.object({ certificate: z.string(), privateKey: z.string() }),
  commonName: z.string(),
  dnsNames: z.array(z.string()),
  addresses: z.array(z.string()),
  uses: z.array(z.enum(["server", "client"])),
  days: z.number().positive(),
});

/** A certificate and its key, both made anew at every update. Nothing is revoked: the former one ends by its age. */
export const certificate: Kind = {
  create: async (properties, context) => {
    const { commonName } = inputs.parse(properties);
    return { id: commonName, outputs: await issue(properties, context) };
  },
  update: (_olds, news, context) => issue(news, context),
};

async function issue(properties: Properties, { now = () => new Date() }: KindContext): Promise<Properties> {
  const issued = await issueCertificate({ ...inputs.parse(properties), now: now() });
  return {
    certificate: issued.certificate,
    privateKey: secret(issued.privateKey),
    expires: issued.expires.toISOString(),
  };
}
