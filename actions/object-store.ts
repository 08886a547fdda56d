import type { ListObjectsV2CommandInput, ListObjectsV2CommandOutput, S3Client } from "@aws-sdk/client-s3";
import { ActionError, reasonOf } from "./action-error.ts";
import { peerOf } from "./https-fetch.ts";
import { connectionFailure } from "./sql/connection-failure.ts";

export interface StoreAccess {
  /** URL, such as `https://10.61.3.30:9000`. */
  readonly endpoint: string;
  /** PEM of the CA that signed the server's certificate. @default those that everybody knows */
  readonly ca?: string | undefined;
  readonly region: string;
  /** Empty: whoever runs this is let in by what AWS's own programs go by. */
  readonly accessKey: string;
  readonly secretKey: string;
}

export interface StoredObject {
  readonly key: string;
  readonly sizeBytes: number;
  /** When it was written. */
  readonly modifiedAt?: Date;
}

/** What is done with an S3 server here. */
export interface ObjectStore {
  /** Makes the bucket; one that is there already and is ours will do. */
  makeBucket(bucket: string): Promise<void>;
  /** Removes it if it holds nothing; false when it was left. */
  removeEmptyBucket(bucket: string): Promise<boolean>;
  /** @param after only the keys that come after this one, in the order of their bytes. @default all */
  list(bucket: string, prefix: string, after?: string): Promise<readonly StoredObject[]>;
  /** The folders right below a prefix that ends with a slash, each with a slash at its end. */
  folders(bucket: string, prefix: string): Promise<readonly string[]>;
  /** The content of a small object; undefined when there is none. */
  read(bucket: string, key: string): Promise<string | undefined>;
  /** Removes these objects; one that is not there is no error. */
  remove(bucket: string, keys: readonly string[]): Promise<void>;
  close(): void;
}

/** How many objects are removed at once. */
const REMOVED_AT_ONCE = 16;

function keyOf({ accessKey, secretKey }: StoreAccess) {
  return { accessKeyId: accessKey, secretAccessKey: secretKey };
}

/** Path-style requests and no optional checksums: what every S3 server understands. */
export async function objectStore(access: StoreAccess): Promise<ObjectStore> {
  // It would announce on every run that a later version of it will want a newer Node.
  process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] ??= "true";
  // The library takes a while to load, and a preview needs none of it.
  const s3 = await import("@aws-sdk/client-s3");
  const client = new s3.S3Client({
    endpoint: access.endpoint,
    region: access.region,
    ...(access.accessKey === "" ? {} : { credentials: keyOf(access) }),
    forcePathStyle: true,
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    maxAttempts: 1,
    requestHandler: {
      connectionTimeout: 3000,
      requestTimeout: 10_000,
      throwOnRequestTimeout: true,
      ...(access.ca === undefined ? {} : { httpsAgent: { ca: access.ca } }),
    },
  });
  return {
    makeBucket: async (bucket) => {
      try {
        await client.send(new s3.CreateBucketCommand({ Bucket: bucket }));
      } catch (error) {
        if (nameOf(error) === "BucketAlreadyOwnedByYou") return;
        throw await storeError(access, `bucket ${bucket}`, error);
      }
    },
    removeEmptyBucket: async (bucket) => {
      try {
        await client.send(new s3.DeleteBucketCommand({ Bucket: bucket }));
        return true;
      } catch (error) {
        if (nameOf(error) === "NoSuchBucket") return true;
        if (nameOf(error) === "BucketNotEmpty") return false;
        throw await storeError(access, `bucket ${bucket}`, error);
      }
    },
    list: (bucket, prefix, after) => listAll(client, access, { bucket, prefix, after }),
    folders: async (bucket, prefix) => {
      const found: string[] = [];
      await eachPage(client, access, { Bucket: bucket, Prefix: prefix, Delimiter: "/" }, (page) => {
        for (const { Prefix } of page.CommonPrefixes ?? []) if (Prefix !== undefined) found.push(Prefix);
      });
      return found;
    },
    read: async (bucket, key) => {
      try {
        const { Body } = await client.send(new s3.GetObjectCommand({ Bucket: bucket, Key: key }));
        return (await Body?.transformToString()) ?? "";
      } catch (error) {
        if (nameOf(error) === "NoSuchKey") return undefined;
        throw await storeError(access, `bucket ${bucket}`, error);
      }
    },
    // One by one: not every server takes many at once in the form in which this library asks for that.
    remove: async (bucket, keys) => {
      const waiting = [...keys];
      const work = async () => {
        for (let key = waiting.shift(); key !== undefined; key = waiting.shift()) {
          await client.send(new s3.DeleteObjectCommand({ Bucket: bucket, Key: key }));
        }
      };
      try {
        await Promise.all(Array.from({ length: REMOVED_AT_ONCE }, work));
      } catch (error) {
        throw await storeError(access, `bucket ${bucket}`, error);
      }
    },
    close: () => client.destroy(),
  };
}

/** What opens a store; a test hands in its own. */
export type OpenStore<A extends StoreAccess = StoreAccess> = (access: A) => Promise<ObjectStore>;

/**
 * Works with a store, and closes it.
 *
 * @param open @default `objectStore`
 */
export async function withStore<T, A extends StoreAccess>(
  access: A,
  work: (store: ObjectStore) => Promise<T>,
  open: OpenStore<A> = objectStore,
): Promise<T> {
  const store = await open(access);
  try {
    return await work(store);
  } finally {
    store.close();
  }
}

interface Listing {
  readonly bucket: string;
  readonly prefix: string;
  readonly after: string | undefined;
}

async function listAll(
  client: S3Client,
  access: StoreAccess,
  { bucket, prefix, after }: Listing,
): Promise<readonly StoredObject[]> {
  const found: StoredObject[] = [];
  const from = after === undefined ? {} : { StartAfter: after };
  await eachPage(client, access, { Bucket: bucket, Prefix: prefix, ...from }, (page) => {
    for (const { Key = "", Size = 0, LastModified } of page.Contents ?? []) {
      const written = LastModified === undefined ? {} : { modifiedAt: LastModified };
      found.push({ key: Key, sizeBytes: Size, ...written });
    }
  });
  return found;
}

async function eachPage(
  client: S3Client,
  access: StoreAccess,
  question: ListObjectsV2CommandInput,
  take: (page: ListObjectsV2CommandOutput) => void,
): Promise<void> {
  const { paginateListObjectsV2 } = await import("@aws-sdk/client-s3");
  try {
    for await (const page of paginateListObjectsV2({ client }, question)) take(page);
  } catch (error) {
    throw await storeError(access, `bucket ${question.Bucket}`, error);
  }
}

/** Whether a store has said that there is no such bucket. */
export function isMissingBucket(error: unknown): boolean {
  return error instanceof ActionError && nameOf(error.cause) === "NoSuchBucket";
}

/** An answer with a status is a refusal; without one, nobody answered, or the server is still starting. */
async function storeError(access: StoreAccess, what: string, error: unknown): Promise<ActionError> {
  const status = statusOf(error);
  const at = `${what} at ${access.endpoint}`;
  if (status === undefined) return withoutAnswer(access, at, error);
  const message = `${at}: ${nameOf(error)}: ${reasonOf(error)}`;
  return new ActionError(status < 500 ? "refused" : "unreachable", message, { cause: error });
}

async function withoutAnswer(
  { endpoint, ca }: StoreAccess,
  what: string,
  error: unknown,
): Promise<ActionError> {
  const otherCa =
    ca === undefined
      ? "set backup.ca to the certificate of the CA that signed it"
      : "check backup.ca, or who answers there";
  return connectionFailure(error, { what, peer: peerOf(endpoint), otherCa });
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : "error";
}

function statusOf(error: unknown): number | undefined {
  if (typeof error !== "object" || error === null || !("$metadata" in error)) return undefined;
  const metadata = error.$metadata;
  if (typeof metadata !== "object" || metadata === null || !("httpStatusCode" in metadata)) return undefined;
  return typeof metadata.httpStatusCode === "number" ? metadata.httpStatusCode : undefined;
}
