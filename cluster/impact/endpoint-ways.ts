import { isDeepStrictEqual } from "node:util";
import type { EndpointPlan } from "../plan-types.ts";
import type { Change } from "./change.ts";
import type { Claim } from "./claims.ts";

/** Where clients go, as the output `endpoint` says it. */
export interface Ways {
  /** One that moves between the proxies, or that of each proxy. */
  readonly addresses: readonly string[];
  readonly readWrite: number;
  readonly readOnly: number;
  /** Null: there are no read replicas. */
  readonly replicas: number | null;
  /** Null: there is no connection pool. */
  readonly pooled: number | null;
  /** Whether standby clusters may stream through it. */
  readonly standbys: boolean;
}

export function waysOf(endpoint: EndpointPlan): Ways {
  const { address, hosts = [address], readWritePort, readOnlyPort, replicasPort, pooledPort } = endpoint;
  return {
    addresses: hosts,
    ...{ readWrite: readWritePort, readOnly: readOnlyPort },
    ...{ replicas: replicasPort ?? null, pooled: pooledPort ?? null },
    standbys: endpoint.standbys ?? false,
  };
}

/** Where clients have to go from then on, when that is somewhere else. */
export function endpointClaims(change: Change): readonly Extract<Claim, { kind: "endpoint" }>[] {
  const { before, after, isGuessed = false } = change;
  if (before === undefined || after === undefined || isGuessed) return [];
  const [from, to] = [waysOf(before.plan.endpoint), waysOf(after.plan.endpoint)];
  return isDeepStrictEqual(from, to) ? [] : [{ kind: "endpoint", from, to }];
}

/** Whether something that was offered goes, or moves: whoever uses it has to follow. */
export function haveToFollow(from: Ways, to: Ways): boolean {
  return (
    movesForWriters(from, to) ||
    from.addresses.some((address) => !to.addresses.includes(address)) ||
    from.readOnly !== to.readOnly ||
    isGone(from.replicas, to.replicas) ||
    (from.standbys && !to.standbys)
  );
}

/** Whether an application that writes through it does not get there any more as it does now. */
export function movesForWriters(from: Ways, to: Ways): boolean {
  return (
    !from.addresses.some((address) => to.addresses.includes(address)) ||
    from.readWrite !== to.readWrite ||
    isGone(from.pooled, to.pooled)
  );
}

function isGone(from: number | null, to: number | null): boolean {
  return from !== null && from !== to;
}

/** What that means for clients. */
export function effectInWords(from: Ways, to: Ways): string {
  return haveToFollow(from, to) ? "clients have to go elsewhere" : "the endpoint offers more";
}

/** What of it is another one, each from what to what. */
export function waysInWords(from: Ways, to: Ways): string {
  const ways: readonly (readonly [what: string, from: string, to: string])[] = [
    ["the address", from.addresses.join(", "), to.addresses.join(", ")],
    ["the port for writing", port(from.readWrite), port(to.readWrite)],
    ["the port for reading", port(from.readOnly), port(to.readOnly)],
    ["the port of read replicas", port(from.replicas), port(to.replicas)],
    ["the port of the connection pool", port(from.pooled), port(to.pooled)],
    ["standby clusters", streaming(from), streaming(to)],
  ];
  const changed = ways.filter(([, was, is]) => was !== is);
  return changed.map(([what, was, is]) => `${what} ${was} → ${is}`).join("; ");
}

function port(number: number | null): string {
  return number === null ? "none" : `${number}`;
}

function streaming({ standbys }: Ways): string {
  return standbys ? "let in" : "not let in";
}
