import { archiveFolder, archivePrefix, lifeFolder } from "../../cluster/incarnation.ts";
import type { ObjectStore, StoredObject } from "../object-store.ts";
import { type BackupReport, backupsIn, barmanFolder, walgFolder } from "../status/backups.ts";

/** What a bucket has of one life of a cluster, written by one version of PostgreSQL. */
export interface Life {
  readonly incarnation: string;
  readonly postgresqlVersion: number;
  /** The whole base backups, oldest first. */
  readonly backups: readonly BackupReport[];
  /** The last segment on the newest timeline; undefined: there is none. */
  readonly lastWal: { readonly name: string; readonly at: string } | undefined;
}

/** The part of a store that is only looked at. */
export type StoreToRead = Pick<ObjectStore, "list" | "folders" | "read">;

/** Every life of a cluster that a bucket knows, in the order of its last WAL. Of the WAL only the newest is listed. */
export async function livesIn(store: StoreToRead, bucket: string, cluster: string): Promise<readonly Life[]> {
  const incarnations = await store.folders(bucket, archiveFolder(cluster));
  const known = incarnations.filter((name) => /^[a-z0-9]{1,32}$/.test(name));
  const lives = await Promise.all(known.map((incarnation) => livesOf(store, bucket, cluster, incarnation)));
  return lives.flat().sort((a, b) => (a.lastWal?.at ?? "").localeCompare(b.lastWal?.at ?? ""));
}

async function livesOf(
  store: StoreToRead,
  bucket: string,
  cluster: string,
  incarnation: string,
): Promise<readonly Life[]> {
  const versions = (await store.folders(bucket, lifeFolder(cluster, incarnation))).map(Number);
  return Promise.all(
    versions
      .filter((version) => Number.isInteger(version))
      .map(async (postgresqlVersion) => {
        const prefix = archivePrefix({ cluster, postgresqlVersion }, incarnation);
        const folders = [barmanFolder, walgFolder].map((folder) => `${prefix}/${folder}/`);
        const lists = await Promise.all(folders.map((folder) => store.list(bucket, folder)));
        const backups = backupsIn(lists.flat());
        return {
          incarnation,
          postgresqlVersion,
          backups,
          lastWal: await lastWal(store, bucket, prefix, backups),
        };
      }),
  );
}

/** barman has a folder for each 256 segments of a timeline; WAL-G has all in one. */
async function lastWal(
  store: StoreToRead,
  bucket: string,
  prefix: string,
  backups: readonly BackupReport[],
): Promise<Life["lastWal"]> {
  const newest = (await store.folders(bucket, `${prefix}/wals/`))
    .filter((name) => /^[0-9A-F]{16}$/.test(name))
    .at(-1);
  const objects =
    newest === undefined
      ? await walgSegments(store, bucket, prefix, backups.at(-1)?.name)
      : await store.list(bucket, `${prefix}/wals/${newest}/`);
  const segments = objects.flatMap(segmentOf).sort((a, b) => a.name.localeCompare(b.name));
  return segments.at(-1);
}

async function walgSegments(
  store: StoreToRead,
  bucket: string,
  prefix: string,
  lastBackup = "",
): Promise<readonly StoredObject[]> {
  const [, first] = /^base_([0-9A-F]{24})/.exec(lastBackup) ?? [];
  const folder = `${prefix}/wal_005/`;
  return store.list(bucket, folder, first === undefined ? undefined : `${folder}${first}`);
}

function segmentOf({
  key,
  modifiedAt,
}: StoredObject): readonly { readonly name: string; readonly at: string }[] {
  const [, name] = /\/([0-9A-F]{24})(\.[a-z0-9]+)?$/.exec(key) ?? [];
  return name === undefined || modifiedAt === undefined ? [] : [{ name, at: modifiedAt.toISOString() }];
}
