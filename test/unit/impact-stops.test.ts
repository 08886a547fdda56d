import { describe, expect, it } from "vitest";
import type { Change, Seen } from "../../cluster/impact/change.ts";
import { comparePlans } from "../../cluster/impact/compare-plans.ts";
import { claimsOf } from "../../cluster/impact/impact.ts";
import { riskOf } from "../../cluster/impact/risk.ts";
import { rowsOf } from "../../cluster/impact/rows.ts";
import { verdictOf } from "../../cluster/impact/verdict.ts";
import { planCluster } from "../../cluster/index.ts";
import { specification } from "./specifications.ts";

function between(older: object, newer: object): Change {
  const [before, after] = [older, newer].map((written) => {
    const spec = specification(written);
    return { spec, plan: planCluster(spec) };
  });
  return { before, after, refusals: [], parts: comparePlans(before?.plan, after?.plan) };
}

function seen(role: "leader" | "standby_leader"): Seen {
  const members = ["dev-1", "dev-2", "dev-3"].map((name, index) => ({
    ...{ name, role: index === 0 ? role : "replica", state: index === 0 ? "running" : "streaming" },
    ...{ lagBytes: 0, timeline: 3 },
  }));
  return {
    roles: { members, paused: false, synchronousMode: "off", maximumLagBytes: 1_048_576 },
    logicalSlots: [],
  };
}

const follower = { standbyOf: { cluster: "sales", host: "10.2.0.10:5000" }, tls: { ca: "given" } };
const leader = { tls: { ca: "given" } };

describe("an update never has a cluster lead that follows, nor one follow that leads", () => {
  it.each([
    [
      "standbyOf taken out",
      ...([follower, leader, "standby_leader"] as const),
      "standbyOf is not declared, and the cluster follows 10.2.0.10:5000: an update never has it lead",
    ],
    [
      "standbyOf added",
      ...([leader, follower, "leader"] as const),
      "standbyOf is declared, and the cluster leads by itself: an update never gives up what it has",
    ],
  ] as const)("%s: refused, and nothing else is said", (_what, older, newer, role, says) => {
    const claims = claimsOf(between(older, newer), seen(role));
    expect([riskOf(claims), verdictOf(claims)]).toEqual(["refused", `\`up\` refuses it: ${says}`]);
    expect(claims).toHaveLength(1);
  });

  it.each([
    ["after spiloctl promote", follower, leader, "leader"],
    ["after spiloctl follow", leader, follower, "standby_leader"],
  ] as const)("and goes on %s", (_what, older, newer, role) => {
    const kinds = claimsOf(between(older, newer), seen(role)).map(({ kind }) => kind);
    expect(kinds).not.toContain("refused");
    expect(kinds).not.toContain("refused unless");
  });

  it.each([
    [follower, leader, "the cluster leads by itself then"],
    [leader, follower, "the cluster follows another one then"],
  ])("without a look it is a condition", (older, newer, unless) => {
    const claims = claimsOf(between(older, newer));
    expect(riskOf(claims)).toBe("high");
    expect(verdictOf(claims)).toContain(`but \`up\` refuses it unless ${unless} (standbyOf)`);
    expect(rowsOf(claims)[0]).toMatchObject({
      label: "refused",
      text: expect.stringMatching(/Run `spiloctl (promote|follow)`/),
    });
  });
});

describe("when no member stays", () => {
  const zones = (names: string) =>
    [...names].map((name) => {
      const address = `10.0.0.${name.charCodeAt(0)}`;
      return { name, host: `ssh://root@${address}`, address };
    });
  const placed = (names: string) => ({ placement: { mode: "cross-zone", zones: zones(names) } });

  it("`up` waits in vain for the new ones: nothing is lost, and nothing is promised", () => {
    const claims = claimsOf(between(placed("abc"), placed("def")));
    expect(claims).toMatchObject([{ kind: "blocked" }]);
    expect(riskOf(claims)).toBe("high");
    expect(verdictOf(claims)).toMatch(
      /^`up` cannot go on: no member of dev-1-a, dev-2-b and dev-3-c stays, and none is removed before dev-1-d, .* serve/,
    );
  });

  it("and goes on where one stays", () => {
    const kinds = claimsOf(between(placed("abc"), placed("abd"))).map(({ kind }) => kind);
    expect(kinds).toContain("removed");
    expect(kinds).not.toContain("blocked");
  });
});
