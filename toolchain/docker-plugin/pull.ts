/** Finding an image on the engine, or else in its registry. */
import { askForBytes, type Engine, EngineError, find } from "./engine.ts";
import { isProperties, type Properties, text, type Value } from "./values.ts";

/** A pull of a large image over a slow line. */
const PULL_TIMEOUT_MS = 1_800_000;

/** The image as the engine has it; pulled when it is not there. @throws when it can be neither found nor pulled */
export async function findOrPullImage(engine: Engine, name: string, platform: string): Promise<Properties> {
  if (name === "") throw new Error("empty image name is not allowed");
  const local = await findImage(engine, name);
  if (local) return local;
  try {
    await pull(engine, name, platform);
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    throw new Error(`unable to pull image ${name}: error pulling image ${name}: ${error.message}`);
  }
  const pulled = await findImage(engine, name);
  if (!pulled) throw new Error(`unable to find or pull image ${name}`);
  return pulled;
}

/** The image as the engine has it, by name or id; undefined when it has none such. */
export function findImage(engine: Engine, name: string): Promise<Properties | undefined> {
  return find(engine, `/images/${name}/json`);
}

async function pull(engine: Engine, name: string, platform: string): Promise<void> {
  const login = engine.logins.find(({ address }) => name.startsWith(`${bareAddress(address)}/`));
  const auth = login
    ? { username: login.username, password: login.password, serveraddress: login.address }
    : {};
  const progress = await askForBytes(engine, {
    method: "POST",
    path: "/images/create",
    query: { ...reference(name), ...(platform !== "" && { platform }) },
    headers: { "x-registry-auth": Buffer.from(JSON.stringify(auth)).toString("base64url") },
    timeoutMs: PULL_TIMEOUT_MS,
  });
  // Once the pull has begun the engine has answered 200; what goes wrong later is in the last line.
  const last: Value = JSON.parse(String(progress).trim().split("\n").at(-1) || "null");
  if (isProperties(last) && text(last, "error") !== "") throw new EngineError(200, text(last, "error"));
}

/** Without a tag the engine would pull every tag of the repository. */
function reference(name: string): { readonly fromImage: string; readonly tag?: string } {
  if (name.includes("@")) return { fromImage: name };
  const colon = name.indexOf(":", name.lastIndexOf("/") + 1);
  if (colon === -1) return { fromImage: name, tag: "latest" };
  return { fromImage: name.slice(0, colon), tag: name.slice(colon + 1) };
}

function bareAddress(address: string): string {
  return address.replace(/^https?:\/\//, "").replace(/\/$/, "");
}
