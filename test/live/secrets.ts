import { z } from "zod";
import type { World } from "./world.ts";

/** A secret of a stack, by the name of the resource that made it. */
export interface Secret {
  readonly name: string;
  readonly value: string;
}

const mark = "4dabf18193072939515e22adb298388d";

const exported = z.object({
  deployment: z.object({
    resources: z.array(
      z.looseObject({
        urn: z.string(),
        type: z.string(),
        outputs: z.record(z.string(), z.unknown()).optional(),
      }),
    ),
  }),
});

/** Every password and private key that a stack keeps: of a key, a line from its middle. */
export async function secretsOf(world: World): Promise<readonly Secret[]> {
  const { deployment } = exported.parse(JSON.parse(await world.pulumi("stack", "export", "--show-secrets")));
  return deployment.resources.flatMap(({ urn, type, outputs = {} }) => {
    const name = urn.split("::").at(-1) ?? urn;
    if (type === "spilo:index:Password") return [{ name, value: plaintext(outputs["value"]) }];
    if (type.startsWith("spilo:index:Certificate"))
      return [{ name, value: plaintext(outputs["privateKey"]).split("\n")[1] ?? "" }];
    return [];
  });
}

/** One secret output of a resource, decrypted. */
export async function secretOutput(world: World, name: string, key: string): Promise<string> {
  const { deployment } = exported.parse(JSON.parse(await world.pulumi("stack", "export", "--show-secrets")));
  const resource = deployment.resources.find(({ urn }) => urn.endsWith(`::${name}`));
  const value = resource?.outputs?.[key];
  return typeof value === "string" ? value : plaintext(value);
}

function plaintext(value: unknown): string {
  const parsed = z.object({ [mark]: z.string(), plaintext: z.string() }).parse(value);
  return z.string().parse(JSON.parse(parsed.plaintext));
}
