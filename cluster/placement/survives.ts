import type { ClusterSpec } from "../schema/cluster-spec.ts";
import { inWords } from "../schema/number-words.ts";

/** Sentences for the summary: what the cluster survives by itself, and what it does not. */
export function survives(spec: ClusterSpec): readonly string[] {
  return [membersSentence(spec), votersSentence(spec), hostSentence(spec)];
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

function hostSentence({ placement: { zones } }: ClusterSpec): string {
  const [{ host }] = zones;
  return host.startsWith("unix:") ? "not the loss of this host" : `not the loss of the host ${host}`;
}

function anyOf(count: number, part: string): string {
  return `any ${inWords(count)} ${part}${count === 1 ? "" : "s"}`;
}
