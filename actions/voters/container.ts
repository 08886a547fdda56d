import type Docker from "dockerode";
import { containerPaths } from "../../cluster/render/container-paths.ts";
import { ActionError, reasonOf } from "../action-error.ts";
import { containerRuns } from "../engine/container-runs.ts";
import { engineClient, engineStatusOf } from "../engine/engine-client.ts";
import { packEmptyFolder } from "../engine/tar-archive.ts";
import { unlessStatus } from "../engine/unless-status.ts";

/** A voter's container, as its data is looked after. */
export interface VoterContainer {
  /** @throws ActionError `unreachable` when the engine does not say. */
  runs(): Promise<boolean>;
  /** Whether etcd has ever started on the volume that is there now; undefined: there is no container. */
  hasData(): Promise<boolean | undefined>;
  /** It stays so, until somebody starts it. */
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Takes all that etcd has written away. Only of one that is stopped. */
  dropData(): Promise<void>;
}

/** How long the engine may take for one step; a stop includes etcd's own. */
const TIMEOUT_MS = 30_000;
const STOP_SECONDS = 10;

/** In etcd's folder: made as a whole, and last, when etcd starts for the first time. */
const log = `${containerPaths.voterData}/data/member/wal`;

/** @param host the engine's address as the docker provider takes it. */
export function voterContainer(host: string, name: string, signal?: AbortSignal): VoterContainer {
  const step = async <T>(
    what: string,
    work: (one: Docker.Container, limit: Limit) => Promise<T>,
  ): Promise<T> => {
    const timeout = AbortSignal.timeout(TIMEOUT_MS);
    const abortSignal = signal === undefined ? timeout : AbortSignal.any([timeout, signal]);
    try {
      return await work((await engineClient(host)).getContainer(name), { abortSignal });
    } catch (error) {
      signal?.throwIfAborted();
      const reason = timeout.aborted ? `not done within ${TIMEOUT_MS / 1000} s` : reasonOf(error);
      const code = engineStatusOf(error) === undefined ? "unreachable" : "failed";
      throw new ActionError(code, `${name} at ${host}: ${what}: ${reason}`, { cause: error });
    }
  };
  return {
    runs: () => containerRuns(host, name),
    hasData: () =>
      step("its data", async (one, limit) => {
        if ((await unlessStatus(404, one.inspect(limit))) === undefined) return undefined;
        return (await unlessStatus(404, one.infoArchive({ ...limit, path: log }))) !== undefined;
      }),
    stop: () =>
      step(
        "stop",
        async (one, limit) => void (await unlessStatus(304, one.stop({ ...limit, t: STOP_SECONDS }))),
      ),
    start: () => step("start", async (one, limit) => void (await unlessStatus(304, one.start(limit)))),
    dropData: () =>
      step("drop its data", async (one, limit) => {
        await one.putArchive(await packEmptyFolder("data"), { ...limit, path: containerPaths.voterData });
      }),
  };
}

interface Limit {
  readonly abortSignal: AbortSignal;
}
