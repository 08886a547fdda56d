/** `docker.RemoteImage`: an image that the engine has or pulls, and loses again when the resource goes. */
import { ask, type Engine } from "./engine.ts";
import { saying } from "./failures.ts";
import type { Created, Kind } from "./kind.ts";
import { findImage, findOrPullImage } from "./pull.ts";
import { output, replaces, type Schema, updates } from "./schema.ts";
import { flag, type Properties, text, texts } from "./values.ts";

const schema: Schema = {
  name: replaces("text", { required: true }),
  platform: replaces("text"),
  pullTriggers: replaces("textSet"),
  triggers: replaces("mapping"),
  keepLocally: updates("flag"),
  forceRemove: updates("flag"),
  build: updates("record", { notCovered: "build the image beforehand and name it" }),
  imageId: output("text"),
  repoDigest: output("text"),
};

export const image: Kind = {
  token: "docker:index/remoteImage:RemoteImage",
  schema,
  autoNamed: false,
  deletesBeforeReplace: "never",
  create,
  read,
  update: (engine, _id, _olds, news) => outputs(engine, news),
  remove,
};

async function create(engine: Engine, inputs: Properties): Promise<Created> {
  const found = await findOrPull(engine, inputs);
  return { id: idOf(found, inputs), state: { ...inputs, ...outputsOf(found, inputs) } };
}

async function read(engine: Engine, id: string, state: Properties): Promise<Created | undefined> {
  const name = text(state, "name") || nameIn(id);
  const found = await findImage(engine, name);
  if (!found) return undefined;
  const known = { ...state, name };
  return { id: idOf(found, known), state: { ...known, ...outputsOf(found, known) } };
}

async function outputs(engine: Engine, inputs: Properties): Promise<Properties> {
  return outputsOf(await findOrPull(engine, inputs), inputs);
}

/** The engine loses the tag, and with its last tag the image, unless `keepLocally`. */
async function remove(engine: Engine, _id: string, state: Properties): Promise<void> {
  if (flag(state, "keepLocally")) return;
  const name = text(state, "name");
  if (!(await findImage(engine, name))) return;
  const query = { force: flag(state, "forceRemove"), noprune: true };
  await saying("Unable to remove Docker image", () =>
    ask(engine, { method: "DELETE", path: `/images/${name}`, query }),
  );
}

function findOrPull(engine: Engine, inputs: Properties): Promise<Properties> {
  return saying("Unable to read Docker image into resource", () =>
    findOrPullImage(engine, text(inputs, "name"), text(inputs, "platform")),
  );
}

/** The official provider's id: two names of one image are two resources. */
function idOf(found: Properties, inputs: Properties): string {
  return text(found, "Id") + text(inputs, "name");
}

/** The name at the end of such an id; an import brings nothing else. */
function nameIn(id: string): string {
  return id.replace(/^sha256:[0-9a-f]{64}/, "");
}

function outputsOf(found: Properties, inputs: Properties): Properties {
  return { imageId: text(found, "Id"), repoDigest: repoDigest(found, text(inputs, "name")) };
}

/** Empty for an image that never was in a registry. */
function repoDigest(found: Properties, name: string): string {
  const digests = texts(found, "RepoDigests");
  if (digests.length < 2) return digests[0] ?? "";
  const repository = name.replace(/[@:][^/]*$/, "");
  return digests.find((digest) => digest.startsWith(`${repository}@`)) ?? "";
}
