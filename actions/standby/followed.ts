import type { Json } from "../../cluster/settings/merge-patch.ts";
import type { Document } from "../patroni/patroni-client.ts";
import { asDocument } from "../settings/settings-patch.ts";

/** What a cluster follows, as Patroni's `/config` says. */
export interface Followed {
  /** `host:port`, or several hosts with one port; null: the archive alone. */
  readonly host: string | null;
  /** Whether WAL is fetched from the other cluster's archive as well. */
  readonly archive: boolean;
  /** For a sentence: `10.1.0.10:5000`, or `an archive`. */
  readonly inWords: string;
}

/**
 * As Patroni decides it: with a host, a port or a command that brings WAL.
 *
 * @param config as GET /config answers.
 * @returns undefined: it leads by itself.
 */
export function followedBy(config: Document): Followed | undefined {
  const { host, port, restore_command: command } = asDocument(config["standby_cluster"]);
  if (!isSet(host) && !isSet(port) && !isSet(command)) return undefined;
  const where = isSet(host) ? `${host}:${isSet(port) ? port : 5432}` : null;
  return { host: where, archive: isSet(command), inWords: where ?? "an archive" };
}

function isSet(value: Json | undefined): boolean {
  return value !== undefined && value !== null && value !== "";
}
