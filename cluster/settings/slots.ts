import type { DynamicSettings, LogicalSlotSettings } from "../plan-types.ts";
import type { ClusterSpec } from "../schema/cluster-spec.ts";

/**
 * Slots as Patroni's `/config` has them.
 *
 * They are Patroni's permanent slots, with every version of it, and not the failover slots that PostgreSQL has from 17 on.
 * Patroni makes these on no leader. Before 4.1.4 it drops their copies on standbys, or has those that a former leader keeps
 * stop the others from being copied. And what they could do better, to hold a subscriber back until the standbys have what
 * it is to read, takes `synchronized_standby_slots`: `/config` is the same for all, a leader has no slot of its own, and
 * one name without a slot behind it stops every subscriber.
 *
 * @see https://patroni.readthedocs.io/en/latest/dynamic_configuration.html
 */
export function slotSettings({
  logicalSlots,
  keptSlots,
}: Pick<ClusterSpec, "logicalSlots" | "keptSlots">): Pick<DynamicSettings, "slots" | "ignore_slots"> {
  const slots = logicalSlots.map(
    ({ name, database, plugin }) =>
      [name, { type: "logical", database, plugin } satisfies LogicalSlotSettings] as const,
  );
  return {
    ...(slots.length === 0 ? {} : { slots: Object.fromEntries(slots) }),
    ...(keptSlots.length === 0 ? {} : { ignore_slots: keptSlots.map((name) => ({ name })) }),
  };
}

type SlotSettings = Pick<DynamicSettings, "slots" | "ignore_slots">;

/** What becomes of a slot. */
export type SlotEffect = "made" | "remade" | "dropped" | "left alone" | "taken over";

interface SlotChange {
  readonly name: string;
  readonly effect: SlotEffect;
  /** What it is to be a slot for; undefined: it is declared no more, or was never. */
  readonly is: LogicalSlotSettings | undefined;
  /** It was declared, or kept, before. */
  readonly wasThere: boolean;
}

/** What a change does to slots, sorted by name. */
export function slotChanges(from: SlotSettings, to: SlotSettings): readonly SlotChange[] {
  const [older, newer] = [from.slots ?? {}, to.slots ?? {}];
  const [formerlyKept, kept] = [namesKeptBy(from), namesKeptBy(to)];
  const names = [...Object.keys(older), ...Object.keys(newer), ...formerlyKept, ...kept];
  return [...new Set(names)].sort().flatMap((name) => {
    const was = older[name] ?? (formerlyKept.has(name) ? "kept" : undefined);
    const is = newer[name] ?? (kept.has(name) ? "kept" : undefined);
    const effect = effectOn(was, is);
    const wasThere = was !== undefined;
    return effect === undefined ? [] : [{ name, effect, is: newer[name], wasThere }];
  });
}

/** The same, a sentence each: above all, which subscriber loses its place. */
export function describeSlots(from: SlotSettings, to: SlotSettings): readonly string[] {
  return slotChanges(from, to).map((change) => `slot ${change.name}: ${whatBecomes(change)}`);
}

function namesKeptBy({ ignore_slots: kept = [] }: SlotSettings): ReadonlySet<string> {
  return new Set(kept.map(({ name }) => name));
}

type Standing = LogicalSlotSettings | "kept" | undefined;

function effectOn(was: Standing, is: Standing): SlotEffect | undefined {
  if (is === undefined) return was === undefined ? undefined : "dropped";
  if (is === "kept") return was === "kept" ? undefined : "left alone";
  if (was === undefined) return "made";
  if (was === "kept") return "taken over";
  return was.database === is.database && was.plugin === is.plugin ? undefined : "remade";
}

function whatBecomes({ effect, is, wasThere }: SlotChange): string {
  const place = `the database ${is?.database} with ${is?.plugin}`;
  const copied = `${standbysRestart}, and a failover before that loses it`;
  switch (effect) {
    case "dropped":
      return `is dropped as soon as it is idle; ${readerLoses}`;
    case "left alone":
      return wasThere
        ? "stays on every member as it is, is left alone, and follows no leader any more"
        : "is left alone where it exists";
    case "made":
      return `is made for ${place} once that is there; ${copied}`;
    case "taken over":
      return `is taken over if it is one for ${place}, else dropped and made anew; ${copied}`;
    case "remade":
      return `is dropped as soon as it is idle, and made anew for ${place}; ${readerLoses}, and ${standbysRestart}`;
  }
}

/** What it is to lose a slot. */
export const readerLoses = "whoever reads it loses what it has not read by then";

const standbysRestart = "every standby restarts PostgreSQL once to have a copy";
