import type * as X509 from "@peculiar/x509";

/** What makes and takes apart certificates. Loaded when it is first needed: it takes longer than a preview's whole work. */
export async function x509Library(): Promise<typeof X509> {
  await import("reflect-metadata");
  return await import("@peculiar/x509");
}
