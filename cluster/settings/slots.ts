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

/** What a change of the slots does, a sentence each: above all, which subscriber loses its place. */
export function describeSlots(from: SlotSettings, to: SlotSettings): readonly string[] {
  const [older, newer] = [from.slots ?? {}, to.slots ?? {}];
  const [formerlyKept, kept] = [namesKeptBy(from), namesKeptBy(to)];
  const names = [...Object.keys(older), ...Object.keys(newer), ...formerlyKept, ...kept];
  return [...new Set(names)].sort().flatMap((name) => {
    const was = older[name] ?? (formerlyKept.has(name) ? "kept" : undefined);
    const is = newer[name] ?? (kept.has(name) ? "kept" : undefined);
    const what = whatBecomes(was, is);
    return what === undefined ? [] : [`slot ${name}: ${what}`];
  });
}

function namesKeptBy({ ignore_slots: kept = [] }: SlotSettings): ReadonlySet<string> {
  return new Set(kept.map(({ name }) => name));
}

type Standing = LogicalSlotSettings | "kept" | undefined;

function whatBecomes(was: Standing, is: Standing): string | undefined {
  const loses = "whoever reads it loses what it has not read by then";
  if (is === undefined) return was === undefined ? undefined : `is dropped as soon as it is idle; ${loses}`;
  if (is === "kept") {
    if (was === "kept") return undefined;
    return was === undefined
      ? "is left alone where it exists"
      : "stays on every member as it is, is left alone, and follows no leader any more";
  }
  const place = `the database ${is.database} with ${is.plugin}`;
  const copied = `${standbysRestart}, and a failover before that loses it`;
  if (was === undefined) return `is made for ${place} once that is there; ${copied}`;
  if (was === "kept") return `is taken over if it is one for ${place}, else dropped and made anew; ${copied}`;
  if (was.database === is.database && was.plugin === is.plugin) return undefined;
  return `is dropped as soon as it is idle, and made anew for ${place}; ${loses}, and ${standbysRestart}`;
}

const standbysRestart = "every standby restarts PostgreSQL once to have a copy";
