/** `docker.Container`: made, started, looked at, updated and removed as the official provider does it. */
import { setTimeout as pause } from "node:timers/promises";
import { type Change, differences } from "../diff.ts";
import { ask, askFor, type Engine, EngineError, find } from "../engine.ts";
import { reasonOf, saying } from "../failures.ts";
import { type Created, CreatedButFailed, type Kind, type Limits } from "../kind.ts";
import { findOrPullImage } from "../pull.ts";
import { flag, type Properties, text, whole } from "../values.ts";
import { attachUntilEnd } from "./attach.ts";
import { waitForHealth } from "./health.ts";
import { limits as limitsOf } from "./host-config.ts";
import { joinNetworks } from "./networks.ts";
import { observed, observedCapabilities } from "./read.ts";
import { createRequest } from "./request.ts";
import { containerSchema, liveLimits } from "./schema.ts";
import { uploadFiles } from "./upload.ts";

/** The official provider's pause before its first look, long enough for a process that ends at once to be gone. */
const FIRST_LOOK_MS = 100;

/** What the engine may need beyond the grace period to stop a container. */
const STOP_MARGIN_MS = 60_000;

export const container: Kind = {
  token: "docker:index/container:Container",
  schema: containerSchema,
  autoNamed: true,
  deletesBeforeReplace: "always",
  create,
  read,
  update,
  remove,
  unfinished,
};

async function create(engine: Engine, inputs: Properties, limits: Limits): Promise<Created> {
  const image = text(inputs, "image");
  await saying(`Unable to create container with image ${image}`, () =>
    findOrPullImage(engine, image, text(inputs, "platform")),
  );
  const id = await make(engine, inputs);
  try {
    const found = await setUp(engine, id, inputs, limits);
    return { id, state: found };
  } catch (error) {
    // It exists, so it belongs in the state. Without what a look would have told, the next diff replaces it.
    throw new CreatedButFailed(id, inputs, reasonOf(error));
  }
}

async function make(engine: Engine, inputs: Properties): Promise<string> {
  const platform = text(inputs, "platform");
  const query = { name: text(inputs, "name"), ...(platform !== "" && { platform }) };
  return await saying("Unable to create container", async () => {
    const json = createRequest(engine, inputs);
    return text(await askFor(engine, { method: "POST", path: "/containers/create", query, json }), "Id");
  });
}

async function setUp(engine: Engine, id: string, inputs: Properties, limits: Limits): Promise<Properties> {
  await joinNetworks(engine, id, inputs);
  await uploadFiles(engine, id, inputs);
  if (flag(inputs, "start")) {
    await start(engine, id);
    if (flag(inputs, "wait")) await waitForHealth(engine, id, inputs);
  }
  const ended = flag(inputs, "attach") ? await attachUntilEnd(engine, id, inputs, limits) : {};
  await pause(FIRST_LOOK_MS);
  const inspected = await askFor(engine, { method: "GET", path: `/containers/${id}/json` });
  return { ...observed(inspected, inputs), ...ended };
}

async function start(engine: Engine, id: string): Promise<void> {
  await saying("Unable to start container", () =>
    ask(engine, { method: "POST", path: `/containers/${id}/start` }),
  );
}

/** An import begins with what the engine cannot tell: the defaults of a program that says nothing about it. */
const IMPORTED: Properties = Object.fromEntries(
  Object.entries(containerSchema)
    .filter(([, rule]) => rule.default !== undefined)
    .map(([name, rule]) => [name, rule.default]),
);

async function read(engine: Engine, id: string, state: Properties): Promise<Created | undefined> {
  const inspected = await find(engine, `/containers/${id}/json`);
  // Unlike the engine, the official provider knows a container by its whole id only.
  if (!inspected || text(inspected, "Id") !== id) return undefined;
  const before = Object.keys(state).length === 0 ? IMPORTED : state;
  return { id, state: { ...observed(inspected, before), ...observedCapabilities(inspected) } };
}

/** Limits reach the running container; a container that must run is started; all else is only written down. */
async function update(engine: Engine, id: string, olds: Properties, news: Properties): Promise<Properties> {
  const changed = differences(containerSchema, olds, news).map((change) => change.property);
  if (changed.some((name) => liveLimits.has(name))) {
    await saying("Unable to update a container", () =>
      ask(engine, { method: "POST", path: `/containers/${id}/update`, json: limitsOf(news) }),
    );
  }
  if (changed.includes("mustRun") && flag(news, "mustRun")) await start(engine, id);
  return {};
}

/** A state without networks is that of a container whose creation failed: nobody ever looked at it. */
function unfinished(state: Properties): readonly Change[] {
  if (state["networkDatas"] !== undefined) return [];
  return [
    { property: "entrypoints", path: "entrypoints", kind: "add", replaces: true },
    { property: "networkDatas", path: "networkDatas", kind: "add", replaces: false },
  ];
}

/** The grace period is the one in the state: what the program says now holds only for the next deletion. */
async function remove(engine: Engine, id: string, state: Properties): Promise<void> {
  if (!flag(state, "attach")) {
    const graceSeconds = whole(state, "destroyGraceSeconds");
    const timeoutMs = graceSeconds * 1000 + STOP_MARGIN_MS;
    await saying(`Error stopping container ${id}`, () =>
      ask(engine, { method: "POST", path: `/containers/${id}/stop`, query: { t: graceSeconds }, timeoutMs }),
    );
  }
  await saying(`Error deleting container ${id}`, () => removeStopped(engine, id, state));
}

async function removeStopped(engine: Engine, id: string, state: Properties): Promise<void> {
  const query = { v: flag(state, "removeVolumes"), force: true };
  try {
    await ask(engine, { method: "DELETE", path: `/containers/${id}`, query });
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    if (error.status === 404) return;
    if (!error.message.includes("is already in progress")) throw error;
    await waitUntilRemoved(engine, id);
  }
}

/** With `rm`, the engine began to remove it when it stopped. */
async function waitUntilRemoved(engine: Engine, id: string): Promise<void> {
  try {
    await ask(engine, { method: "POST", path: `/containers/${id}/wait`, query: { condition: "removed" } });
  } catch (error) {
    if (!(error instanceof EngineError) || error.status !== 404) throw error;
  }
}
