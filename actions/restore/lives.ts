import { archivePrefix, clusterArchive, lifeFolder } from "../../cluster/incarnation.ts";
import { type BackupReport, storedBackups } from "../archive/stored-backups.ts";
import type { ObjectStore, StoredObject } from "../object-store.ts";

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
  const incarnations = await foldersIn(store, bucket, clusterArchive(cluster));
  const known = incarnations.filter((name) => /^[a-z0-9]{1,32}$/.test(name));
  const lives = await Promise.all(known.map((incarnation) => livesOf(store, bucket, cluster, incarnation)));
  return lives.flat().sort((a, b) => (a.lastWal?.at ?? "").localeCompare(b.lastWal?.at ?? ""));
}

/** Names of the folders right below a prefix that ends with a slash. */
export async function foldersIn(
  store: Pick<ObjectStore, "folders">,
  bucket: string,
  prefix: string,
): Promise<readonly string[]> {
  const folders = await store.folders(bucket, prefix);
  return folders.map((folder) => folder.slice(prefix.length, -1));
}

async function livesOf(
  store: StoreToRead,
  bucket: string,
  cluster: string,
  incarnation: string,
): Promise<readonly Life[]> {
  const versions = (await foldersIn(store, bucket, lifeFolder(cluster, incarnation))).map(Number);
  return Promise.all(
    versions
      .filter((version) => Number.isInteger(version))
      .map(async (postgresqlVersion) => {
        const prefix = archivePrefix({ cluster, postgresqlVersion }, incarnation);
        const backups = await storedBackups(store, { bucket, prefix });
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
  const newest = (await foldersIn(store, bucket, `${prefix}/wals/`))
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
