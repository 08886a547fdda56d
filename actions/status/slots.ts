import { bytesInWords } from "../../cluster/schema/byte-words.ts";
import { slotNameOf } from "../../cluster/settings/slot-name.ts";
import type { DeclaredSlots } from "../patroni/declared-slots.ts";
import type { SlotReport } from "./server-facts.ts";

interface SlotFacts {
  /** Null: nobody knows. */
  readonly slots: readonly SlotReport[] | null;
  /** Null: nobody knows. */
  readonly declaredSlots: DeclaredSlots | null;
  readonly members: readonly { readonly name: string }[];
  readonly replicas: readonly { readonly name: string }[];
}

/** What a slot of somebody who is away may hold back: bytes. */
const idleSlotBytes = 1024 ** 3;

/**
 * Slots that hold WAL back for nobody, those that have lost what they were for, and those that are to be there and are not.
 * A physical slot that is neither a member's nor declared is one that nobody owns: members' slots go with them. Of a
 * logical one only its subscriber is known, and may be away for a while.
 */
export function slotDegradations({ slots, declaredSlots, members, replicas }: SlotFacts): readonly string[] {
  if (slots === null) return [];
  const owners = new Map([...members, ...replicas].map(({ name }) => [slotNameOf(name), name]));
  const there = new Set(slots.map(({ name }) => name));
  const missing = (declaredSlots?.logical ?? []).filter((name) => !there.has(name));
  return [
    ...missing.map(
      (name) =>
        `slot ${name} is declared, and not there: it is made once its database is there, and no transaction is open any ` +
        "more that began before (Patroni's log on the leader says what it fails by)",
    ),
    ...slots.flatMap((slot) => degradation(slot, ownerOf(slot.name, owners, declaredSlots))),
  ];
}

type Owner =
  | { readonly kind: "member"; readonly name: string }
  | { readonly kind: "logical" | "kept" }
  | undefined;

function ownerOf(slot: string, members: ReadonlyMap<string, string>, declared: DeclaredSlots | null): Owner {
  const name = members.get(slot);
  if (name !== undefined) return { kind: "member", name };
  if (declared?.logical.includes(slot) === true) return { kind: "logical" };
  return declared?.kept.includes(slot) === true ? { kind: "kept" } : undefined;
}

function degradation({ name, type, active, retainedBytes, walStatus }: SlotReport, owner: Owner): string[] {
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

function remedyFor(name: string, type: SlotReport["type"], owner: Owner): string {
  const drop = `\`select pg_drop_replication_slot('${name}')\` on the leader drops it`;
  switch (owner?.kind) {
    case "member":
      return `it is that of ${owner.name}, which is to come back or to be taken out`;
    case "logical":
      return "have who reads it come back, or, if nobody will, take it out of logicalSlots";
    case "kept":
      return `have who uses it come back, or, if nobody will, take it out of keptSlots: then it is dropped`;
    case undefined:
      return type === "logical"
        ? `have who reads it come back, or, if nobody will, ${drop}`
        : `it is no member's; unless somebody comes back for it, ${drop}`;
    default:
      return owner satisfies never;
  }
}
