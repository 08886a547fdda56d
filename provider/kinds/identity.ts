import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { reasonOf } from "../../actions/action-error.ts";
import { trustFiles } from "../../actions/authority/work.ts";
import {
  type IdentityTools,
  type PartFiles,
  refuseExpired,
  standingFiles,
  takeIdentity,
} from "../../actions/certificates/identity.ts";
import { certificateIsServed } from "../../actions/certificates/served-certificate.ts";
import { containerExec } from "../../actions/engine/container-exec.ts";
import { containerRuns } from "../../actions/engine/container-runs.ts";
import { changePartFiles, readPartFiles, writePartFiles } from "../../actions/engine/part-files.ts";
import { bundleKeeping } from "../../cluster/rotation/rotation.ts";
import { asItWasUnlessAsked } from "../as-it-was.ts";
import { type Kind, type KindContext, Unfinished } from "../kind.ts";
import { type Properties, plain, secret } from "../wire.ts";

/** Whoever changes one of these replaces the container as well: nothing is reloaded for it. */
const configurations = z.object({
  configuration: z.record(z.string(), z.string()).default({}),
  secretConfiguration: z.record(z.string(), z.string()).default({}),
});

const inputs = configurations.extend({
  part: z.string(),
  engine: z.string(),
  image: z.string(),
  volume: z.string(),
  owner: z.string(),
  files: z.record(
    z.string(),
    z.object({ content: z.string(), mode: z.number(), former: z.string().optional() }),
  ),
  reload: z.object({ container: z.string(), user: z.string(), command: z.array(z.string()) }).optional(),
  served: z.array(z.object({ host: z.string(), port: z.number(), protocol: z.enum(["tls", "postgres"]) })),
  deadlineSeconds: z.number(),
});

type Inputs = z.infer<typeof inputs>;

/** How files and containers are reached; tests hand in others. */
export interface IdentityWorld {
  readonly write: typeof writePartFiles;
  readonly read: typeof readPartFiles;
  readonly change: typeof changePartFiles;
  readonly toolsFor: (engine: string) => IdentityTools;
}

const realWorld: IdentityWorld = {
  write: writePartFiles,
  read: readPartFiles,
  change: changePartFiles,
  toolsFor: (engine) => ({
    isRunning: (container) => containerRuns(engine, container),
    exec: containerExec(engine),
    isServed: certificateIsServed,
  }),
};

/**
 * The files by which a part is known, in a volume of their own. New ones are written beside the running container,
 * which then reloads; the update is over when it shows its new certificate. Deletion does nothing: the files go with
 * their volume.
 */
export function identityIn(world: IdentityWorld): Kind {
  return {
    create: async (properties, context) => {
      const wanted = inputs.parse(properties);
      await write(wanted, context, world);
      return { id: wanted.part, outputs: takenOf(wanted) };
    },
    update: async (olds, news, context) => {
      const wanted = inputs.parse(news);
      await write(await keepingFormer(wanted, context, world), context, world);
      // For another image, only the owner may be another. A part that is broken must not hold up its replacement.
      if (olds["taken"] === plain(takenOf(wanted))["taken"]) return {};
      // The container that is there will be replaced, and may not even have the program that is to show a certificate.
      if (isReconfigured(olds, wanted)) return takenOf(wanted);
      if (wanted.served.length > 0) context.report(`waiting until ${wanted.part} shows its new certificate`);
      const { deadlineSeconds, engine, ...identity } = wanted;
      const work = { ...identity, deadlineMs: deadlineSeconds * 1000, signal: context.signal };
      try {
        await takeIdentity(work, world.toolsFor(engine));
      } catch (error) {
        // The files are new and the part may still show the old ones: the next run tells it again.
        throw new Unfinished(wanted.part, reasonOf(error), { cause: error });
      }
      return takenOf(wanted);
    },
    read: (properties, context) => read(inputs.parse(properties), context, world),
  };
}

export const identity: Kind = identityIn(realWorld);

/**
 * What the part has taken, or takes when it starts. An update that did not come so far leaves nothing of it, so the next
 * one tells the part again.
 */
function takenOf({ files }: Inputs): Properties {
  const names = Object.keys(files).sort();
  const all = names.map((name) => [name, files[name]?.mode, files[name]?.content]);
  return { taken: secret(createHash("sha256").update(JSON.stringify(all)).digest("hex")) };
}

/**
 * While one authority takes the place of another, some parts still show certificates of the former: whoever trusts it
 * goes on to do so until all have another. What else stands there is not kept.
 */
async function keepingFormer(wanted: Inputs, { signal }: KindContext, world: IdentityWorld): Promise<Inputs> {
  const { files, engine, image, volume } = wanted;
  const former = Object.values(files)
    .map((file) => file.former ?? "")
    .join("");
  if (former === "") return wanted;
  let found: Readonly<Record<string, string>> = {};
  await world.change({ engine, image, volume, signal }, (texts) => {
    found = texts;
    return {};
  });
  const kept = Object.entries(files).map(([name, file]) => {
    const stands = trustFiles.includes(name) ? found[name] : undefined;
    return [
      name,
      stands === undefined ? file : { ...file, content: bundleKeeping(file.content, former, stands) },
    ];
  });
  return { ...wanted, files: Object.fromEntries(kept) };
}

async function write(wanted: Inputs, { signal, now }: KindContext, world: IdentityWorld): Promise<void> {
  const { part, owner, files, engine, image, volume } = wanted;
  refuseExpired(part, files, now?.() ?? new Date());
  await world.write({ engine, image, volume, signal }, owner, { ...files, ...configurationFiles(wanted) });
}

function configurationFiles({
  configuration,
  secretConfiguration,
}: z.infer<typeof configurations>): PartFiles {
  const withMode = (texts: Readonly<Record<string, string>>, mode: number) =>
    Object.entries(texts).map(([name, content]) => [name, { content, mode }] as const);
  return Object.fromEntries([...withMode(configuration, 0o644), ...withMode(secretConfiguration, 0o600)]);
}

function isReconfigured(olds: Properties, wanted: Inputs): boolean {
  return !isDeepStrictEqual(configurationFiles(configurations.parse(olds)), configurationFiles(wanted));
}

/** Files that are not as declared are left out, so that the next update writes them again. */
async function read(declared: Inputs, context: KindContext, world: IdentityWorld): Promise<Properties> {
  const { part, files, engine, image, volume } = declared;
  const { report, signal } = context;
  return asItWasUnlessAsked({ report }, async () => {
    const found = (await world.read({ engine, image, volume, signal })) ?? {};
    const declaredFiles = { ...files, ...configurationFiles(declared) };
    const standing = standingFiles(declaredFiles, found);
    const lost = Object.keys(declaredFiles).filter((name) => standing[name] === undefined);
    if (lost.length === 0) return {};
    const where = `in its volume ${volume}`;
    report(`${part}: not as declared ${where}: ${lost.join(", ")}. \`pulumi up\` writes it again`);
    const stands = ([name]: [string, unknown]) => standing[name] !== undefined;
    return {
      files: secret(Object.fromEntries(Object.entries(files).filter(stands))),
      configuration: Object.fromEntries(Object.entries(declared.configuration).filter(stands)),
      secretConfiguration: secret(
        Object.fromEntries(Object.entries(declared.secretConfiguration).filter(stands)),
      ),
      taken: "",
    };
  });
}
