import { createHash } from "node:crypto";
import type Docker from "dockerode";
import { ActionError, reasonOf } from "../action-error.ts";
import { engineClient, engineStatusOf } from "./engine-client.ts";
import { packFiles, unpackFiles } from "./tar-archive.ts";
import { unlessStatus } from "./unless-status.ts";

/** Where a part's files are. */
export interface PartVolume {
  /** The engine's address as the docker provider takes it. */
  readonly engine: string;
  /** The part's image. */
  readonly image: string;
  /** The volume's real name. */
  readonly volume: string;
  readonly signal?: AbortSignal | undefined;
}

/** A file as it is to be. */
export interface PartFile {
  readonly content: string;
  /** Permissions, such as `0o600`. */
  readonly mode: number;
}

/** What can be said of a file without showing it. */
export interface FileDigest {
  /** SHA-256 of the content, hexadecimal. */
  readonly digest: string;
  readonly mode: number;
}

/** By file name: from what stands there to what is to. Names that are left out stay as they are. */
export type FileChange = (
  found: Readonly<Record<string, string>>,
) => Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>;

/** How long all of it may take, the engine being asked six times. */
const TIMEOUT_MS = 60_000;

/** Where the volume is in the container that is only made for it. */
const folder = "/identity";

/** What a container that is only there for a moment is found by, beside what its volume says, should its maker be killed. */
const label = { "pulumi-spilo.part": "helper" };

/**
 * Writes files into a part's volume, whether its container runs, stands still or is not there yet. Others that are in
 * the volume stay.
 *
 * A running part may look while a file is replaced, and find none or half of them: it is told to look afterwards.
 *
 * @param owner a user of the image, whom the files are given to.
 * @throws ActionError `failed` with the engine's reason, or when the image has no such user; `unreachable`.
 */
export async function writePartFiles(
  place: PartVolume,
  owner: string,
  files: Readonly<Record<string, PartFile>>,
): Promise<void> {
  await withHelper(place, async (helper, abortSignal) => {
    if (helper === undefined) {
      const remedy = "run `pulumi up --refresh`, which makes it again";
      throw new ActionError("failed", `the volume ${place.volume} is not on its engine: ${remedy}`);
    }
    const ids = owner === "root" ? { uid: 0, gid: 0 } : await idsOf(helper, place.image, owner, abortSignal);
    const entries = Object.entries(files).map(([name, { content, mode }]) => {
      return { name, content: Buffer.from(content), mode, ...ids };
    });
    await helper.putArchive(await packFiles(entries), { path: folder, abortSignal });
  });
}

/**
 * The files that are in a part's volume, by name; undefined when there is no such volume.
 *
 * @throws ActionError `failed` with the engine's reason, or `unreachable`.
 */
export async function readPartFiles(
  place: PartVolume,
): Promise<Readonly<Record<string, FileDigest>> | undefined> {
  return await withHelper(place, async (helper, abortSignal) => {
    if (helper === undefined) return undefined;
    const files = await unpackFiles(await helper.getArchive({ path: folder, abortSignal }));
    return Object.fromEntries(
      files.map(({ name, content, mode }) => [nameIn(name), digestOf(content, mode)]),
    );
  });
}

/**
 * Rewrites files that are in a part's volume already; they keep their owner and their mode.
 *
 * @param change what is to stand in which file, from all that stands there: by name, keys included. Files that are not
 *   there are not made.
 * @returns the names of those that were another; undefined when there is no such volume.
 * @throws ActionError `failed` with the engine's reason, or `unreachable`.
 */
export async function changePartFiles(
  place: PartVolume,
  change: FileChange,
): Promise<readonly string[] | undefined> {
  return await withHelper(place, async (helper, abortSignal) => {
    if (helper === undefined) return undefined;
    const archived = await unpackFiles(await helper.getArchive({ path: folder, abortSignal }));
    const found = archived.map((file) => ({ ...file, name: nameIn(file.name) }));
    const texts = found.map(({ name, content }) => [name, content.toString("utf8")] as const);
    const wanted = await change(Object.fromEntries(texts));
    const changed = found.flatMap((file) => {
      const content = Buffer.from(wanted[file.name] ?? file.content);
      return content.equals(file.content) ? [] : [{ ...file, content }];
    });
    if (changed.length > 0) {
      await helper.putArchive(await packFiles(changed), { path: folder, abortSignal });
    }
    return changed.map(({ name }) => name);
  });
}

export function digestOf(content: string | Buffer, mode: number): FileDigest {
  return { digest: createHash("sha256").update(content).digest("hex"), mode };
}

/** Of a path in the engine's archive, which begins with the folder's own name. */
function nameIn(path: string): string {
  return path.slice(path.indexOf("/") + 1);
}

/** The engine's archive API reaches into a volume only through a container; that one need not run. */
async function withHelper<T>(
  { engine: host, image, volume, signal }: PartVolume,
  work: (helper: Docker.Container | undefined, abortSignal: AbortSignal) => Promise<T>,
): Promise<T> {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  const abortSignal = signal === undefined ? timeout : AbortSignal.any([timeout, signal]);
  try {
    const engine = await engineClient(host);
    // An engine makes a volume that a container asks for: without labels, and empty where files are expected.
    const found = await unlessStatus(404, engine.getVolume(volume).inspect({ abortSignal }));
    if (found === undefined) return await work(undefined, abortSignal);
    const helper = await engine.createContainer({
      Image: image,
      Entrypoint: ["false"],
      Labels: { ...found.Labels, ...label },
      NetworkDisabled: true,
      // What the image has at the same path is not ours.
      HostConfig: { Binds: [`${volume}:${folder}:nocopy`] },
      abortSignal,
    });
    try {
      return await work(helper, abortSignal);
    } finally {
      // With the nameless volumes that its image asks for; this one has a name and stays.
      await helper.remove({ force: true, v: true });
    }
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof ActionError) throw error;
    const reason = timeout.aborted ? `not done within ${TIMEOUT_MS / 1000} s` : reasonOf(error);
    const code = engineStatusOf(error) === undefined ? "unreachable" : "failed";
    throw new ActionError(code, `the volume ${volume} at ${host}: ${reason}`, { cause: error });
  }
}

/** Names mean nothing in an archive that is unpacked by the engine, where other users have them. */
async function idsOf(
  helper: Docker.Container,
  image: string,
  owner: string,
  abortSignal: AbortSignal,
): Promise<{ readonly uid: number; readonly gid: number }> {
  const [users] = await unpackFiles(await helper.getArchive({ path: "/etc/passwd", abortSignal }));
  const lines = users?.content.toString("utf8").split("\n") ?? [];
  const [, , uid, gid] = lines.map((line) => line.split(":")).find(([name]) => name === owner) ?? [];
  if (uid === undefined || gid === undefined) {
    const remedy = "name an image of the same kind as the default one";
    throw new ActionError("failed", `the image ${image} has no user '${owner}' in /etc/passwd: ${remedy}`);
  }
  return { uid: Number(uid), gid: Number(gid) };
}
