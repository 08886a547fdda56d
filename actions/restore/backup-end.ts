import { z } from "zod";
import { barmanFolder, walgFolder } from "../status/backups.ts";
import type { StoreToRead } from "./lives.ts";

const sentinel = z.looseObject({ FinishLSN: z.number() });

/**
 * Where a base backup ends: the first position that can be recovered to from it.
 *
 * @param name as `backupsIn` gives it.
 * @returns undefined when what describes the backup does not say.
 */
export async function endOfBackup(
  store: StoreToRead,
  bucket: string,
  prefix: string,
  name: string,
): Promise<bigint | undefined> {
  if (name.startsWith("base_")) {
    const key = `${prefix}/${walgFolder}/${name}_backup_stop_sentinel.json`;
    const parsed = sentinel.safeParse(jsonOf(await store.read(bucket, key)));
    return parsed.success ? BigInt(parsed.data.FinishLSN) : undefined;
  }
  const described = await store.read(bucket, `${prefix}/${barmanFolder}/${name}/backup.info`);
  const [, position] = /^end_xlog=([0-9A-F]+\/[0-9A-F]+)$/m.exec(described) ?? [];
  return position === undefined ? undefined : positionOf(position);
}

/** `0/35290B60` as a number. */
export function positionOf(lsn: string): bigint {
  const [high = "0", low = "0"] = lsn.split("/");
  return (BigInt(`0x${high}`) << 32n) + BigInt(`0x${low}`);
}

/** Where a segment of 16 MiB ends. */
export function endOfSegment(name: string): bigint {
  const [log, segment] = [name.slice(8, 16), name.slice(16)].map((digits) => BigInt(`0x${digits}`));
  return ((log ?? 0n) << 32n) + (((segment ?? 0n) + 1n) << 24n);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
