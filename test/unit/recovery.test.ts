import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { describeChange, planCluster } from "../../cluster/index.ts";
import { planRecovery, recoveryProfiles, recoverySettings } from "../../cluster/settings/recovery.ts";
import { checkTiming } from "../../cluster/settings/recovery-timing.ts";
import { dynamicSettings } from "../../cluster/settings/settings.ts";
import { refusalOf, soundSpecification, specification } from "./specifications.ts";

const objectives = ["fast", "normal", "wide"] as const;

describe("a recovery objective", () => {
  it.each(objectives)("%s has a timing that Patroni takes and that fits into the lease", (objective) => {
    expect(checkTiming(recoveryProfiles[objective], "recovery")).toEqual([]);
  });

  it("never expects a lost node to be noticed before its lease can run out", () => {
    for (const { ttl, loopWait, lostNode } of Object.values(recoveryProfiles)) {
      expect(lostNode[1]).toBeGreaterThan(ttl);
      expect(lostNode[0]).toBeLessThanOrEqual(ttl - loopWait);
    }
  });

  it("does not expect a crash to last longer than Patroni bears it", () => {
    for (const { loopWait, primaryStartTimeout, crash } of Object.values(recoveryProfiles)) {
      expect(crash[1]).toBe(Math.max(loopWait, primaryStartTimeout));
    }
  });

  it("bears more and takes longer from fast to wide", () => {
    const figures = objectives.map((objective) => {
      const { ttl, retryTimeout, primaryStartTimeout, lostNode, crash } = recoveryProfiles[objective];
      return [ttl, retryTimeout, primaryStartTimeout, ...lostNode, ...crash];
    });
    for (const [sooner = [], later = []] of [figures.slice(0, 2), figures.slice(1)]) {
      for (const [index, figure] of sooner.entries()) expect(later[index]).toBeGreaterThanOrEqual(figure);
    }
    for (const { lostNode, crash } of Object.values(recoveryProfiles)) {
      expect(lostNode[0]).toBeLessThan(lostNode[1]);
      expect(crash[0]).toBeLessThan(crash[1]);
    }
  });

  it.each([
    ["fast", [20, 5, 5, 0]],
    ["normal", [30, 10, 10, 30]],
    ["wide", [60, 10, 20, 300]],
  ] as const)(
    "%s is part of Patroni's settings, and the limit of the lag is the same for all",
    (objective, figures) => {
      const settings = dynamicSettings(specification({ recovery: { objective } }));
      expect([
        settings.ttl,
        settings.loop_wait,
        settings.retry_timeout,
        settings.primary_start_timeout,
      ]).toEqual(figures);
      expect(settings).toMatchObject({ maximum_lag_on_failover: 1048576, failsafe_mode: true });
    },
  );

  it("is normal when none is asked for", () => {
    expect(dynamicSettings(specification())).toMatchObject(recoverySettings("normal"));
  });

  it("changes nothing of a plan but Patroni's settings and what is expected", () => {
    fc.assert(
      fc.property(soundSpecification(), fc.constantFrom(...objectives), (written, objective) => {
        const other = specification({ ...written, recovery: { objective, acceptDataLoss: true } });
        const { settings, recovery, ...before } = planCluster(specification(written));
        const { settings: changed, recovery: expected, ...after } = planCluster(other);
        expect(after).toEqual(before);
        expect(changed).toEqual({ ...settings, ...recoverySettings(objective) });
        expect([recovery.sentence, expected.objective]).toEqual([expect.any(String), objective]);
      }),
      { numRuns: 10 },
    );
  });
});

describe("what is expected when the leader is lost", () => {
  it("is told with the range of the objective", () => {
    expect(planRecovery(specification({ recovery: { objective: "fast" } }))).toEqual({
      objective: "fast",
      lostNodeSeconds: [15, 22],
      crashSeconds: [2, 5],
      sentence:
        "a standby takes over from a lost node within 15 to 22 s, from a crashed leader within 2 to 5 s (expected)",
    });
  });

  it("is nothing with a single member", () => {
    expect(planRecovery(specification({ members: 1, recovery: { objective: "wide" } }))).toEqual({
      objective: "wide",
      sentence: "nobody takes over when the leader is lost: members is 1",
    });
  });
});

describe("a fast objective without synchronous commit", () => {
  it("is refused, as each crash would lose commits", () => {
    const written = { name: "dev", recovery: { objective: "fast" }, synchronous: { mode: "off" } };
    expect(refusalOf(written)).toBe(
      [
        'error  spilo:cluster.recovery.objective: "fast"',
        "       a crashed leader is replaced at once, and synchronous.mode is off: each crash would lose the last commits.",
        "       Set synchronous.mode to quorum, or recovery.objective to normal; or accept the loss by recovery.acceptDataLoss: true.",
      ].join("\n"),
    );
  });

  it.each<[string, object, object]>([
    ["when the loss is accepted", { synchronous: { mode: "off" } }, { acceptDataLoss: true }],
    ["with one member, for which nobody takes over", { members: 1 }, {}],
    ["with synchronous commit", { synchronous: { mode: "on" } }, {}],
  ])("is taken %s", (_title, written, recovery) => {
    const spec = specification({ ...written, recovery: { objective: "fast", ...recovery } });
    expect(planCluster(spec).settings.primary_start_timeout).toBe(0);
  });
});

describe("a change of the objective", () => {
  const settingsFor = (objective: string) => dynamicSettings(specification({ recovery: { objective } }));

  it("is taken over without a restart, and says what is then expected", () => {
    const change = describeChange(settingsFor("normal"), settingsFor("fast"));
    expect(change.patch).toEqual({ ttl: 20, loop_wait: 5, retry_timeout: 5, primary_start_timeout: 0 });
    expect([change.restart, change.phases]).toEqual([[], []]);
    expect(change.sentences).toEqual([
      "loop_wait 10 → 5: taken over without a restart",
      "primary_start_timeout 30 → 0: taken over without a restart",
      "retry_timeout 10 → 5: taken over without a restart",
      "ttl 30 → 20: taken over without a restart",
      "recovery normal → fast: a standby takes over from a lost node within 15 to 22 s, from a crashed leader within " +
        "2 to 5 s (expected; 20 to 45 s and 5 to 30 s before)",
    ]);
  });

  it("from a timing that is no objective's says what is expected now", () => {
    const before = { ...settingsFor("normal"), primary_start_timeout: 300 };
    expect(describeChange(before, settingsFor("normal")).sentences).toEqual([
      "primary_start_timeout 300 → 30: taken over without a restart",
      "recovery is normal: a standby takes over from a lost node within 20 to 45 s, from a crashed leader within 5 to 30 s (expected)",
    ]);
  });

  it("to a timing that is no objective's promises nothing", () => {
    const after = { ...settingsFor("normal"), ttl: 40 };
    expect(describeChange(settingsFor("normal"), after).sentences).toEqual([
      "ttl 30 → 40: taken over without a restart",
    ]);
  });
});
