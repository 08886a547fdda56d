import { z } from "zod";

const file = z.object({ content: z.string(), mode: z.number() });

/** A part that has files by which it is known, as far as it is told of another authority. */
export const trustingPart = z.object({
  /** Its container's name as well. */
  part: z.string(),
  engine: z.string(),
  image: z.string(),
  /** Where its files are. */
  volume: z.string(),
  /** How its container is told of new files. */
  reload: z.object({ container: z.string(), user: z.string(), command: z.array(z.string()) }).optional(),
  /** Where it shows its certificate, and wants to see one unless it is of those that read at every reload. */
  served: z.array(z.object({ host: z.string(), port: z.number(), protocol: z.enum(["tls", "postgres"]) })),
  /**
   * When it looks at whom it trusts. `start`: when it starts, and never again. `certificate`: at a reload for which it has
   * another certificate. `reload`: at every one.
   */
  reads: z.enum(["start", "certificate", "reload"]),
  /** What its certificate says, and for how many days. */
  certificate: z.object({
    commonName: z.string(),
    dnsNames: z.array(z.string()),
    addresses: z.array(z.string()),
    uses: z.array(z.enum(["server", "client"])),
  }),
  days: z.number().positive(),
});

export type TrustingPart = z.infer<typeof trustingPart>;

/** Who signs, as the state of a resource keeps it. The key is a secret. */
export const signingAuthority = z.object({
  authority: z.object({ certificate: z.string(), privateKey: z.string() }),
});

/** The same with the files that it is to have. Secret. */
export const distrustingPart = trustingPart.extend({ files: z.record(z.string(), file) });

export type DistrustingPart = z.infer<typeof distrustingPart>;
