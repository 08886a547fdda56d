import { z } from "zod";
import type { World } from "./world.ts";

/** A secret of a stack, by the name of the resource that made it. */
export interface Secret {
  readonly name: string;
  readonly value: string;
}

const mark = "4dabf18193072939515e22adb298388d";

const secret = z.object({ [mark]: z.string(), plaintext: z.string() });

const exported = z.object({
  deployment: z.object({
    resources: z.array(
      z.looseObject({
        urn: z.string(),
        type: z.string(),
        inputs: z.record(z.string(), z.unknown()).optional(),
        outputs: z.record(z.string(), z.unknown()).optional(),
      }),
    ),
  }),
});

/** Every password and private key that a stack keeps: of a key, a line from its middle. */
export async function secretsOf(world: World): Promise<readonly Secret[]> {
  return (await resourcesOf(world)).flatMap(({ urn, type, outputs = {} }) => {
    const name = urn.split("::").at(-1) ?? urn;
    if (type === "spilo:index:Password") return [{ name, value: plaintext(outputs["value"]) }];
    if (type.startsWith("spilo:index:Certificate"))
      return [{ name, value: plaintext(outputs["privateKey"]).split("\n")[1] ?? "" }];
    return [];
  });
}

/** One secret output of a resource, decrypted. */
export async function secretOutput(world: World, name: string, key: string): Promise<string> {
  const resource = (await resourcesOf(world)).find(({ urn }) => urn.endsWith(`::${name}`));
  const value = resource?.outputs?.[key];
  return typeof value === "string" ? value : plaintext(value);
}

/** What the one resource of a type is made from, decrypted. */
export async function inputsOf(world: World, type: string): Promise<unknown> {
  return decrypted((await resourcesOf(world)).find((one) => one.type === type)?.inputs);
}

async function resourcesOf(world: World) {
  return exported.parse(JSON.parse(await world.pulumi("stack", "export", "--show-secrets"))).deployment
    .resources;
}

/** With each secret, however deep, as what it holds. */
function decrypted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(decrypted);
  if (typeof value !== "object" || value === null) return value;
  const { success, data } = secret.safeParse(value);
  if (success) return decrypted(JSON.parse(data.plaintext));
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, decrypted(one)]));
}

function plaintext(value: unknown): string {
  return z.string().parse(JSON.parse(secret.parse(value).plaintext));
}
