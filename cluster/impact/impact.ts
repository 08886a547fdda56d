import type { Change, Seen } from "./change.ts";
import { type Claim, type PartKind, partKinds } from "./claims.ts";
import { dataClaims, fateOf } from "./data-claims.ts";
import { endpointClaims } from "./endpoint-ways.ts";
import { roleClaims } from "./member-claims.ts";
import { partsOf } from "./parts.ts";
import { settingsClaims } from "./settings-claims.ts";
import { conditionsOf, stopsOf } from "./stops.ts";

/**
 * Everything that a change does to one cluster. Without a look at the running members, only what is certain whoever leads.
 *
 * @param seen what one look has found.
 */
export function claimsOf(change: Change, seen?: Seen): readonly Claim[] {
  const { before, after, refusals } = change;
  if (refusals.length > 0) {
    return refusals.map(({ path, message, remedy }) => ({ kind: "refused", path, message, remedy }));
  }
  const stops = stopsOf(change, seen);
  if (stops.length > 0) return stops;
  const parts = partClaims(change);
  // Of a new cluster nothing runs yet, and nothing leads any more where all goes.
  if (before === undefined || after === undefined) return [...parts, ...dataClaims(change)];
  return [
    ...[
      ...conditionsOf(change, seen),
      ...parts,
      ...roleClaims(change, seen),
      ...settingsClaims(change, seen),
    ],
    ...[...dataClaims(change), ...endpointClaims(change)],
  ];
}

function partClaims(change: Change): readonly Claim[] {
  const { before, after, parts } = change;
  const there = partsOf(before?.plan);
  const claims = partKinds.flatMap((part): readonly Claim[] => {
    const [replaced, created, removed] = [parts.replaced[part], parts.created[part], parts.removed[part]];
    return [
      ...some(replaced, (names) => ({ kind: "replaced", part, names })),
      ...some(created, (names) => ({ kind: "created", part, names })),
      ...some(removed, (names) => ({ kind: "removed", part, names, data: fateOf(part, names, change) })),
    ];
  });
  const renewed = some(parts.renewed, (names) => ({ kind: "renewed", names }));
  if (before === undefined || after === undefined) return [...claims, ...renewed];
  const untouched = partKinds.flatMap((part: PartKind): readonly Claim[] => {
    const touched = new Set([...parts.replaced[part], ...parts.removed[part]]);
    const names = there.filter(({ kind }) => kind === part).map(({ plan }) => plan.name);
    return some(
      names.filter((name) => !touched.has(name)),
      (those) => ({ kind: "untouched", part, names: those }),
    );
  });
  return [...claims, ...renewed, ...untouched];
}

function some(names: readonly string[], claim: (names: readonly string[]) => Claim): readonly Claim[] {
  return names.length === 0 ? [] : [claim(names)];
}
