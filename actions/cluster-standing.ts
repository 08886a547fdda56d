import type { JsonObject } from "../cluster/merge-patch.ts";
import { findCluster, type MemberAddress } from "./find-cluster.ts";
import type { ClusterView, Document, PatroniClient } from "./patroni-client.ts";
import { asDocument } from "./settings-patch.ts";

/** What somebody has told the cluster not to do for the time being. */
export interface Standing {
  readonly view: ClusterView;
  /** `/config` as it is in the DCS. */
  readonly config: Document;
  /** Of the member that said so. */
  readonly restUrl: string;
  /** Patroni leaves PostgreSQL alone: nothing is started, nobody is promoted. */
  readonly paused: boolean;
  /** By `spiloctl stop`, and not yet started again. */
  readonly stopped: boolean;
}

/** @throws ActionError `unreachable` when no member answers. */
export async function standingOf(
  patroni: PatroniClient,
  members: readonly Pick<MemberAddress, "restUrl">[],
): Promise<Standing> {
  const urls = members.map(({ restUrl }) => restUrl);
  const { view, restUrl } = await findCluster(patroni, urls);
  const config = await patroni.config(restUrl);
  return { view, config, restUrl, paused: isPaused(config), stopped: isStopped(config) };
}

/**
 * What `/config` says of it, as merge patches. The mark of a stopped cluster is a key of our own: Patroni keeps what it
 * does not know, and so does whoever declares settings.
 */
export const standingPatches = {
  pause: { pause: true },
  resume: { pause: null },
  stop: { pause: true, spilo: { stopped: true } },
  start: { pause: null, spilo: null },
} as const satisfies Readonly<Record<string, JsonObject>>;

/** As Patroni reads it, whoever wrote it. */
function isPaused({ pause }: Document): boolean {
  return ["on", "true", "yes", "1"].includes(String(pause ?? "").toLowerCase());
}

function isStopped(config: Document): boolean {
  return asDocument(config["spilo"])["stopped"] === true;
}
