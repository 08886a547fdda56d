import type { ClusterSpec } from "../schema/cluster-spec.ts";
import { inWords } from "../schema/number-words.ts";
import type { ZoneShare } from "./placement.ts";
import { zoneLosses } from "./zone-loss.ts";
import { zoneSentences } from "./zone-sentences.ts";

/**
 * Sentences for the summary: what the cluster survives by itself, and what it does not.
 *
 * @param shares what stands in each zone that can be had.
 */
export function survives(spec: ClusterSpec, shares: readonly ZoneShare[]): readonly string[] {
  const places = spec.placement.mode === "zonal" ? [placeSentence(spec)] : overZones(spec, shares);
  return [membersSentence(spec), votersSentence(spec), ...places];
}

function overZones(spec: ClusterSpec, shares: readonly ZoneShare[]): readonly string[] {
  const gone = spec.placement.zones.filter(({ available }) => !available).map(({ name }) => name);
  const [home] = spec.placement.zones.filter(({ witness }) => !witness);
  return [
    ...zoneSentences(zoneLosses(shares, spec.synchronous)),
    ...(spec.platform === "docker" && spec.backup.endpoint === undefined
      ? [`not its archive when zone ${home?.name} is lost: the S3 server stands there`]
      : []),
    ...(gone.length === 0
      ? []
      : [`without ${gone.map((name) => `zone ${name}`).join(", ")}, which cannot be had`]),
  ];
}

function membersSentence({ members, synchronous: { mode, count, durability } }: ClusterSpec): string {
  if (members === 1) return "not the loss of its one member";
  if (mode === "off") return "any one member, though its last commits may be lost";
  if (durability === "required" && count === members - 1) {
    return `${anyOf(count, "member")} without loss, though writes stop until a standby is back`;
  }
  return anyOf(count, "member");
}

function votersSentence({ etcd: { voters } }: ClusterSpec): string {
  return voters === 1 ? "not the loss of its one etcd voter" : anyOf((voters - 1) / 2, "etcd voter");
}

function placeSentence({ platform, aws, placement: { zones } }: ClusterSpec): string {
  if (platform === "aws") return `not the loss of zone ${aws?.region}${zones[0]?.name}`;
  const host = zones[0]?.host ?? "";
  return host.startsWith("unix:") ? "not the loss of this host" : `not the loss of the host ${host}`;
}

function anyOf(count: number, part: string): string {
  return `any ${inWords(count)} ${part}${count === 1 ? "" : "s"}`;
}
