import { bytesInWords } from "../../cluster/schema/byte-words.ts";
import { slotNameOf } from "../patroni/slot-name.ts";
import type { SlotReport } from "./server-facts.ts";

interface SlotFacts {
  /** Null: nobody knows. */
  readonly slots: readonly SlotReport[] | null;
  readonly members: readonly { readonly name: string }[];
  readonly replicas: readonly { readonly name: string }[];
}

/** What a slot of somebody who is away may hold back: bytes. */
const idleSlotBytes = 1024 ** 3;

/**
 * Slots that hold WAL back for nobody, and those that have lost what they were for. A physical slot that is no member's
 * is one that nobody owns: members' slots go with them. Of a logical one only its subscriber is known, and may be away for
 * a while.
 */
export function slotDegradations({ slots, members, replicas }: SlotFacts): readonly string[] {
  const owners = new Map([...members, ...replicas].map(({ name }) => [slotNameOf(name), name]));
  return (slots ?? []).flatMap((slot) => degradation(slot, owners.get(slot.name)));
}

function degradation({ name, type, active, retainedBytes, walStatus }: SlotReport, owner?: string): string[] {
  if (walStatus === "lost")
    return [`slot ${name} has lost WAL that it needs: what it is for must be made anew`];
  const retained = Math.max(0, retainedBytes ?? 0);
  const isOrphan = type === "physical" && owner === undefined;
  // One that has reserved none holds nothing back.
  if (active || retained <= (isOrphan ? 0 : idleSlotBytes)) return [];
  return [
    `slot ${name} is not in use, and holds back ${bytesInWords(retained)} of WAL: ${remedyFor(name, type, owner)}`,
  ];
}

function remedyFor(name: string, type: SlotReport["type"], owner: string | undefined): string {
  const drop = `\`select pg_drop_replication_slot('${name}')\` on the leader drops it`;
  if (owner !== undefined) return `it is that of ${owner}, which is to come back or to be taken out`;
  return type === "logical"
    ? `have who reads it come back, or, if nobody will, ${drop}`
    : `it is no member's; unless somebody comes back for it, ${drop}`;
}
