import { describe, expect, it } from "vitest";
import type { Change } from "../../cluster/impact/change.ts";
import type { Claim } from "../../cluster/impact/claims.ts";
import { comparePlans } from "../../cluster/impact/compare-plans.ts";
import { claimsOf } from "../../cluster/impact/impact.ts";
import { type Risk, riskOf } from "../../cluster/impact/risk.ts";
import { rowsOf } from "../../cluster/impact/rows.ts";
import { verdictOf } from "../../cluster/impact/verdict.ts";
import { planCluster } from "../../cluster/index.ts";
import { recordedChange } from "../previews/read.ts";
import { specification } from "./specifications.ts";

function between(older: object, newer: object): Change {
  const [before, after] = [older, newer].map((written) => {
    const spec = specification(written);
    return { spec, plan: planCluster(spec) };
  });
  return { before, after, refusals: [], parts: comparePlans(before?.plan, after?.plan) };
}

const row = (claims: readonly Claim[]) => rowsOf(claims).find(({ label }) => label === "endpoint")?.text;

function zone(name: string, place: number) {
  return { name, host: `ssh://root@10.0.0.${place}`, address: `10.0.0.${place}` };
}

const network = { subnet: "10.90.7.0/24" };
const offered = { endpoint: { pooled: true, standbys: true }, replicas: [{ name: "reports" }] };
const three = ["a", "b", "c"].map((name, index) => zone(name, index + 1));

describe("clients have to go elsewhere", () => {
  it.each<[string, object, object, string, boolean]>([
    [
      "another port for writing",
      {},
      { endpoint: { ports: { readWrite: 5432 } } },
      "the port for writing 5000 → 5432",
      true,
    ],
    [
      "another for reading",
      {},
      { endpoint: { ports: { readOnly: 5433 } } },
      "the port for reading 5001 → 5433",
      false,
    ],
    [
      "another address",
      { network },
      { network, endpoint: { vip: "10.90.7.9" } },
      "the address 10.90.7.10 → 10.90.7.9",
      true,
    ],
    [
      "no pool any more",
      offered,
      { ...offered, endpoint: { standbys: true } },
      "the port of the connection pool 6432 → none",
      true,
    ],
    [
      "another port of the pool",
      offered,
      { ...offered, endpoint: { ...offered.endpoint, ports: { pooled: 6433 } } },
      "the port of the connection pool 6432 → 6433",
      true,
    ],
    [
      "another port of read replicas",
      offered,
      { ...offered, endpoint: { ...offered.endpoint, ports: { replicas: 5003 } } },
      "the port of read replicas 5002 → 5003",
      false,
    ],
    [
      "no read replicas any more",
      offered,
      { endpoint: offered.endpoint },
      "the port of read replicas 5002 → none",
      false,
    ],
    [
      "standby clusters are not let in",
      offered,
      { ...offered, endpoint: { pooled: true } },
      "standby clusters let in → not let in",
      false,
    ],
  ])("%s", (_what, older, newer, says, stopsWriters) => {
    const claims = claimsOf(between(older, newer));
    expect([riskOf(claims), row(claims)]).toEqual([
      "high" satisfies Risk,
      `clients have to go elsewhere: ${says}`,
    ]);
    expect(verdictOf(claims)).toContain("clients have to go elsewhere");
    const causes = claims.flatMap((claim) => (claim.kind === "outage" ? claim.causes : []));
    expect(causes.includes("endpoint")).toBe(stopsWriters);
    if (stopsWriters)
      expect(verdictOf(claims)).toContain("cannot write until they go where the endpoint is then");
  });

  it("and a switchover keeps its figure beside it", () => {
    const claims = claimsOf(between({}, { image: "spilo:other", endpoint: { ports: { readWrite: 5432 } } }));
    expect(verdictOf(claims)).toMatch(
      /for about 4\.3 s during the switchover.*; applications that use what goes or moves cannot write until/,
    );
  });
});

describe("the endpoint offers more", () => {
  it.each([
    ["pooled", "the port of the connection pool none → 6432"],
    ["replica-in", "the port of read replicas none → 5002"],
  ])("%s", (name, says) => {
    const claims = claimsOf(recordedChange(name).change);
    expect([riskOf(claims), row(claims)]).toEqual(["low", `the endpoint offers more: ${says}`]);
  });

  it("with an address that comes beside those that stay", () => {
    const placement = (some: readonly object[]) => ({ placement: { mode: "cross-zone", zones: some } });
    const fourth = zone("d", 4);
    const claims = claimsOf(between(placement(three), placement([...three, fourth])));
    expect(row(claims)).toBe(
      "the endpoint offers more: the address 10.0.0.1, 10.0.0.2, 10.0.0.3 → 10.0.0.1, 10.0.0.2, 10.0.0.3, 10.0.0.4",
    );
  });
});

it("nothing is said of an endpoint that stays, or of one of which nobody knows", () => {
  expect(row(claimsOf(between({}, { image: "spilo:other" })))).toBeUndefined();
  const moved = between({}, { endpoint: { ports: { readWrite: 5432 } } });
  expect(row(claimsOf({ ...moved, isGuessed: true }))).toBeUndefined();
});
