import type { Json, JsonObject } from "../../cluster/settings/merge-patch.ts";
import { asDocument } from "../settings/settings-patch.ts";
import { findCluster, type MemberAddress } from "./find-cluster.ts";
import type { ClusterView, Document, PatroniClient } from "./patroni-client.ts";

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
  return { view, config, restUrl, paused: isOn(config["pause"]), stopped: isStopped(config) };
}

/** Merge patches of `/config`. */
export const standingPatches = {
  pause: { pause: true },
  resume: { pause: null },
} as const satisfies Readonly<Record<string, JsonObject>>;

/** With it, no commit returns while no standby has it (`synchronous.durability: required`). */
const STRICT = "synchronous_mode_strict";

/**
 * The mark of a stopped cluster, a key of our own: Patroni keeps what it does not know, and so does whoever declares
 * settings. What a PATCH answers is what the DCS holds; a GET answers what that member has seen last, which may be as old
 * as `loop_wait`. So whoever marks knows what to do next.
 */
export const stopMark = { spilo: { stopped: true } } as const satisfies JsonObject;

/**
 * Has Patroni leave every server alone, for a cluster that is marked. Where commits wait for a standby as long as there is one, they wait in any case from now on: else the leader
 * would acknowledge alone what it writes after the last standby has gone. What was set before is part of the mark.
 *
 * @param config as it is in the DCS.
 */
export function stopPatch(config: Document): JsonObject {
  if (!waitsForStandbys(config) || isOn(config[STRICT])) return { pause: true };
  return { pause: true, [STRICT]: true, spilo: { [STRICT]: config[STRICT] ?? false } };
}

/**
 * What nobody needs any more when no server runs: the mark stays, and settings are as they were declared.
 *
 * @param config as it is in the DCS.
 * @returns undefined when there is nothing to take back.
 */
export function stoppedPatch(config: Document): JsonObject | undefined {
  const former = asDocument(config["spilo"])[STRICT];
  return former === undefined ? undefined : { [STRICT]: former, spilo: { [STRICT]: null } };
}

/** Takes the mark and all that came with it away, and has Patroni start the servers. */
export async function endStop(patroni: PatroniClient, restUrl: string): Promise<void> {
  const config = await patroni.patchConfig(restUrl, stopMark);
  await patroni.patchConfig(restUrl, { pause: null, ...stoppedPatch(config), spilo: null });
}

/**
 * Notes which members an update wants, before it adds or removes any: until it has ended, nothing else says whether a
 * member is coming or going.
 */
export function wantedPatch(members: readonly string[]): JsonObject {
  return { spilo: { members: [...members] } };
}

/** Names of the members that the last update wanted; undefined when none has added or removed any. */
export function wantedMembers(config: Document): readonly string[] | undefined {
  const { members } = asDocument(config["spilo"]);
  return Array.isArray(members) ? members.map(String) : undefined;
}

/** Whether commits wait for a standby, at least as long as there is one. */
export function waitsForStandbys({ synchronous_mode: mode }: Document): boolean {
  return mode === "quorum" || isOn(mode);
}

/** As Patroni reads it, whoever wrote it. */
export function isOn(value: Json | undefined): boolean {
  return ["on", "true", "yes", "1"].includes(String(value ?? "").toLowerCase());
}

function isStopped(config: Document): boolean {
  return asDocument(config["spilo"])["stopped"] === true;
}
