import type { ClusterSpec, ClusterSpecInput } from "../../cluster/index.ts";
import { specification } from "./specifications.ts";

/** A zone as a user writes it. */
interface WrittenZone {
  readonly name: string;
  readonly host: string;
  readonly address: string;
  readonly available?: boolean;
  readonly witness?: boolean;
  readonly certificates?: string;
}

/**
 * Zones with hosts of their own: of `abw`, zone `w` is reached by `ssh://db-w`, and its address is 10.1.0.23.
 *
 * @param names a letter each.
 * @param change what else is written of some of them.
 */
export function zones(names: string, change: Readonly<Record<string, object>> = {}): readonly WrittenZone[] {
  return [...names].map((name) => ({
    name,
    host: `ssh://db-${name}`,
    address: addressIn(name),
    ...change[name],
  }));
}

/** The address of a zone's host: 10.1.0.1 for a, 10.1.0.2 for b, … */
export function addressIn(zone: string): string {
  return `10.1.0.${zone.charCodeAt(0) - "a".charCodeAt(0) + 1}`;
}

/** What a user writes for a cluster over zones. @param change see `zones` */
export function overZones(
  names: string,
  change: Readonly<Record<string, object>> = {},
  placement: object = {},
): { readonly placement: NonNullable<ClusterSpecInput["placement"]> } {
  return { placement: { mode: "cross-zone", zones: [...zones(names, change)], ...placement } };
}

/** The same without some of the zones for the time being, which it may do. */
export function without(gone: string, names: string, placement: object = {}): ReturnType<typeof overZones> {
  const change = Object.fromEntries([...gone].map((name) => [name, { available: false }]));
  return overZones(names, change, { fallbackToSameZone: true, ...placement });
}

/** A checked specification over zones; what is not given is the default. */
export function crossZone(placed: ReturnType<typeof overZones>, written: object = {}): ClusterSpec {
  return specification({ ...placed, ...written });
}
