import { writeFile } from "node:fs/promises";
import type { OriginPlan, RestoreTarget } from "../../cluster/plan-types.ts";
import { targetInWords } from "../../cluster/restore/origin.ts";
import { ActionError, isPassing, reasonOf } from "../action-error.ts";
import { type Life, livesIn } from "../archive/incarnations.ts";
import { secondOf } from "../archive/second.ts";
import type { ClusterHandle } from "../handle.ts";
import { type StoreAccess, withStore } from "../object-store.ts";
import { type FoundOrigin, findOrigin } from "../restore/find-origin.ts";
import { type FinishedWal, finishWal } from "../restore/finish-wal.ts";
import { newStack, nextSteps } from "../restore/new-stack.ts";
import { type Narrator, Refusal, silent } from "./verb.ts";

/** A bucket, and what opens it. */
export interface ArchivePlace extends StoreAccess {
  readonly bucket: string;
}

/** Whose backups: the life that reaches the target, unless one is named. */
export interface Source {
  readonly cluster: string;
  readonly incarnation?: string | undefined;
}

export interface RestoreOptions {
  /** Of the new cluster, and its stack. */
  readonly name: string;
  readonly target: RestoreTarget;
  /** A file that is not there yet. @default nothing is written */
  readonly write?: string | undefined;
  /** From the second bucket. @default false: from the first one */
  readonly second?: boolean | undefined;
}

/** A configuration of a new stack; nothing is restored yet. */
export interface RestoreReport {
  readonly source: { readonly cluster: string; readonly incarnation: string };
  /** From when on, ISO 8601. */
  readonly from: string;
  /** Up to when; of a cluster that does not live, no commit of the archive is later. */
  readonly to: string;
  /** Whether the source wrote and archived what it had, up to `to`. */
  readonly sourceLives: boolean;
  readonly target: RestoreTarget;
  readonly configuration: string;
  /** The file that it was written to. */
  readonly written: string | null;
  /** What to do with it. */
  readonly next: readonly string[];
}

/** A life of a cluster, as it can be restored. */
export interface LifeReport {
  readonly incarnation: string;
  readonly postgresqlVersion: number;
  readonly backups: number;
  /** ISO 8601; null: it cannot be restored. */
  readonly from: string | null;
  readonly to: string | null;
}

/**
 * The configuration of a new stack whose cluster is made from the backups of one that is there. That one first writes down
 * and archives all that it has; if it does not live, what is in the bucket counts. Nothing is done to it beyond that.
 *
 * @throws Refusal when the target is out of reach, with the window.
 */
export async function restore(
  handle: ClusterHandle,
  options: RestoreOptions,
  narrator: Narrator = silent,
): Promise<RestoreReport> {
  const { application } = handle;
  const archive = options.second ? secondOf(handle) : handle.archive;
  const [, cluster = "", incarnation = "", , version = ""] = archive.prefix.split("/");
  return withStore(archive, async (store) => {
    const finished = await finishWal(handle, store, archive).catch((error: unknown) => {
      if (!isPassing(error)) throw error;
      narrator.warn(`nobody leads, so what is in the bucket counts: ${reasonOf(error)}`);
      return undefined;
    });
    if (finished !== undefined) narrator.step(`${finished.walFile} is archived, up to ${finished.time}`);
    const plan = planOf(archive, { cluster, incarnation }, options.target);
    const found = await findOrigin(store, plan, Number(version));
    refuseFuture(found, finished);
    const isOwnServer = archive.ca !== undefined && archive.ca === handle.access.ca;
    if (isOwnServer) narrator.warn(ownServer(archive));
    return report(found, { ...options, archive, isOwnServer, application, finished });
  });
}

/** The same from a bucket alone. */
export async function restoreFromBucket(
  archive: ArchivePlace,
  source: Source,
  options: RestoreOptions,
): Promise<RestoreReport> {
  return withStore(archive, async (store) => {
    const lives = await livesIn(store, archive.bucket, source.cluster);
    const meant = lives.filter(({ incarnation }) => [undefined, incarnation].includes(source.incarnation));
    const version = Number(meant.at(-1)?.version ?? 0);
    const found = await findOrigin(store, planOf(archive, source, options.target), version);
    return report(found, { ...options, archive, isOwnServer: false });
  });
}

/** What a bucket has of a cluster, the one that has archived last at the end. */
export async function listLives(archive: ArchivePlace, cluster: string): Promise<readonly LifeReport[]> {
  return withStore(archive, async (store) => (await livesIn(store, archive.bucket, cluster)).map(lifeReport));
}

function lifeReport({ incarnation, version, backups, window }: Life): LifeReport {
  const { from = null, to = null } = window ?? {};
  return { incarnation, postgresqlVersion: Number(version), backups: backups.length, from, to };
}

function planOf(
  { bucket, endpoint, region, ca }: ArchivePlace,
  { cluster, incarnation }: Source,
  target: RestoreTarget,
): OriginPlan {
  return {
    ...{ cluster, bucket, endpoint, region, target },
    ...(incarnation === undefined ? {} : { incarnation }),
    ...(ca === undefined ? {} : { ca }),
  };
}

/** Docker keeps the networks of two stacks apart. */
function ownServer({ endpoint }: ArchivePlace): string {
  return (
    `the backups are in the stack's own S3 server at ${endpoint}: the new cluster's members have to reach it, ` +
    "which they do not from another network. See docs/restore.md"
  );
}

/** The bucket knows when a file of WAL came, and not what the last commit in it is; a server knows. */
function refuseFuture({ origin: { target }, life }: FoundOrigin, finished: FinishedWal | undefined): void {
  if (
    finished === undefined ||
    target.kind !== "time" ||
    Date.parse(target.time) <= Date.parse(finished.time)
  ) {
    return;
  }
  const reach = `it reaches from ${life.window?.from} to ${finished.time}, which is the server's time`;
  throw new Refusal(
    [`it cannot be restored ${targetInWords(target)}: ${reach}`],
    "Ask for what lies within.",
  );
}

async function report(
  found: FoundOrigin,
  options: RestoreOptions & {
    readonly archive: ArchivePlace;
    readonly isOwnServer: boolean;
    readonly application?: ClusterHandle["application"];
    readonly finished?: FinishedWal | undefined;
  },
): Promise<RestoreReport> {
  const { name, archive, isOwnServer, application, finished, write } = options;
  const configuration = newStack({ name, found, store: archive, isOwnServer, application });
  const { from = "", to } = found.life.window ?? {};
  if (write !== undefined) await writeNew(write, configuration);
  const { cluster, incarnation, target } = found.origin;
  return {
    source: { cluster, incarnation },
    from,
    to: finished?.time ?? to ?? "",
    sourceLives: finished !== undefined,
    target,
    configuration,
    written: write ?? null,
    next: nextSteps({ name, store: archive, isOwnServer }),
  };
}

async function writeNew(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text, { flag: "wx" });
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") {
      throw new Refusal([`${file} is there already`], "Name another file, or remove it.");
    }
    throw new ActionError("failed", `${file}: ${reasonOf(error)}`, { cause: error });
  }
}
