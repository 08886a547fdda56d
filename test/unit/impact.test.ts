import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { configuredInPreview } from "../../actions/impact/sources.ts";
import type { Change, Seen } from "../../cluster/impact/change.ts";
import type { Claim, ClaimKind } from "../../cluster/impact/claims.ts";
import { comparePlans } from "../../cluster/impact/compare-plans.ts";
import { figureFrom } from "../../cluster/impact/figures.ts";
import { claimsOf } from "../../cluster/impact/impact.ts";
import { plannedChanges } from "../../cluster/impact/planned-changes.ts";
import { readPreview, readState } from "../../cluster/impact/preview.ts";
import { previewedChanges } from "../../cluster/impact/previewed-changes.ts";
import { type Risk, riskOf } from "../../cluster/impact/risk.ts";
import { specDiff } from "../../cluster/impact/spec-diff.ts";
import { verdictOf } from "../../cluster/impact/verdict.ts";
import { sentenceOf } from "../../cluster/impact/words.ts";
import { planCluster } from "../../cluster/index.ts";
import { settableParameters } from "../../cluster/parameters/parameters.ts";
import { recorded, recordedChange, recordedState } from "../previews/read.ts";
import { specification } from "./specifications.ts";

function declared(written: object) {
  const spec = specification(written);
  return { spec, plan: planCluster(spec) };
}

/** The change from one specification to another, known by the plans alone. */
function between(older: object | undefined, newer: object | undefined): Change {
  const [before, after] = [older && declared(older), newer && declared(newer)];
  return { before, after, refusals: [], parts: comparePlans(before?.plan, after?.plan) };
}

function all<K extends ClaimKind>(claims: readonly Claim[], kind: K): readonly Extract<Claim, { kind: K }>[] {
  return claims.filter((claim): claim is Extract<Claim, { kind: K }> => claim.kind === kind);
}

/** A cluster of three that is well. */
function seen(leader: string, more: Partial<Seen> = {}): Seen {
  const members = ["dev-1", "dev-2", "dev-3"].map((name) => {
    const [role, state] = name === leader ? ["leader", "running"] : ["quorum_standby", "streaming"];
    return { name, role: role ?? "", state: state ?? "", lagBytes: 0, timeline: 3 };
  });
  const roles = { members, paused: false, synchronousMode: "quorum", maximumLagBytes: 1_048_576 } as const;
  return { roles, logicalSlots: [], ...more };
}

describe("a preview of a real cluster", () => {
  it.each<[string, Risk, string]>([
    ["none", "none", "nothing of the running cluster changes"],
    [
      "image",
      "outage",
      "all three members are replaced; exactly one switchover; applications cannot write for about 4.3 s",
    ],
    ["reload", "low", "one setting is reloaded; applications can write all the time"],
    ["restart", "outage", "PostgreSQL of three members restarts; no switchover; applications cannot write"],
    [
      "restart-lower",
      "outage",
      "PostgreSQL of three members restarts; no switchover; applications cannot write",
    ],
    ["local", "outage", "all three members are replaced; exactly one switchover"],
    ["memory", "outage", "all three members are replaced; exactly one switchover"],
    ["out", "low", "one member is made; applications can write all the time"],
    ["in", "outage", "one member is removed; one switchover if plan-3 leads, else none"],
    [
      "to-one",
      "high",
      "two members are removed, three settings are reloaded; one switchover if plan-2 or plan-3 leads",
    ],
    ["passwords", "outage", "all three members are replaced, logins change; exactly one switchover"],
    ["application", "low", "logins change; applications can write all the time"],
    [
      "authority",
      "high",
      "certificates of nine parts are renewed, voters restart one at a time, clients need another `ca`",
    ],
    ["rename", "refused", "`up` refuses it: name must stay plan"],
    ["bucket", "refused", "`up` refuses it: backup.bucket must stay plan-wal"],
    ["zone", "refused", "`up` refuses it: placement.zones[0].name must stay local"],
    ["mistake", "refused", "`up` refuses it: postgresql.parameters.work_memm unknown parameter"],
    ["slot-out", "high", "one setting is reloaded, slot cdc is dropped; applications can write all the time"],
    ["replica-in", "low", "one read replica is made, both proxies are replaced"],
    ["pooled", "low", "both proxies are replaced, deletionProtection is on"],
    ["etcd-image", "low", "all three etcd voters are replaced"],
    ["volume", "low", "one setting is reloaded"],
    ["objective", "low", "four settings are reloaded"],
    ["protect", "low", "deletionProtection is on"],
    ["destroy", "data loss", "the database is lost: the cluster is removed with its volumes and its backups"],
  ])("%s: %s", (name, risk, verdict) => {
    const { change, cluster, unknown } = recordedChange(name);
    const claims = claimsOf(change);
    expect([cluster, riskOf(claims), unknown]).toEqual(["plan", risk, []]);
    expect(verdictOf(claims)).toContain(verdict);
  });

  it.each(
    [
      "none",
      "image",
      "reload",
      "restart",
      "local",
      "memory",
      "out",
      "in",
      "to-one",
      "passwords",
      "application",
    ].concat(["authority", "slot-out", "replica-in", "pooled", "etcd-image", "volume", "objective"]),
  )("%s: without a preview the same is foretold", (name) => {
    const [offline] = plannedChanges(recordedState(), configuredInPreview(recorded(name)));
    const { change } = recordedChange(name);
    expect(offline && claimsOf(offline.change)).toEqual(claimsOf(change));
  });

  it("that leaves out what stays the same says that it does not know the former specification", () => {
    const preview = recorded("image");
    const [change] = previewedChanges(preview, configuredInPreview(preview));
    expect(change?.unknown).toEqual([expect.stringMatching(/--show-sames.*--state/)]);
    expect(change && all(claimsOf(change.change), "switchovers")).toEqual([
      { kind: "switchovers", least: 1, most: 1, ifLeads: ["plan-1", "plan-2", "plan-3"] },
    ]);
  });

  it("that is protected is refused at its end, and nothing is told to be lost", () => {
    const preview = recorded("destroy");
    const steps = preview.steps.map((step) => ({ ...step, isProtected: step.type === "spilo:index:Guard" }));
    const [change] = previewedChanges({ ...preview, steps }, configuredInPreview(preview), recordedState());
    const claims = change === undefined ? [] : claimsOf(change.change);
    expect(claims).toMatchObject([{ kind: "refused", path: "deletionProtection" }]);
  });

  it.each(["", "{}", "[]", '{"steps": 1}', '{"name": "something else"}'])("is not %s", (text) => {
    expect(readPreview(text)).toBeUndefined();
    expect(readState(text)).toBeUndefined();
  });
});

describe("data is lost", () => {
  it.each<[string, object | undefined, "database" | "backups"]>([
    ["with a cluster that has no final backup", undefined, "database"],
  ])("%s", (_what, after, what) => {
    const claims = claimsOf(between({ deletionProtection: false, finalBackup: false }, after));
    expect(all(claims, "lost")).toMatchObject([{ what }]);
    expect(riskOf(claims)).toBe("data loss");
    expect(verdictOf(claims)).toMatch(/^the database is lost: /);
  });

  it("with a bucket of one's own too, as the last commits are not archived", () => {
    const backup = { endpoint: "https://s3.example.com", bucket: "orders" };
    const claims = claimsOf(between({ deletionProtection: false, finalBackup: false, backup }, undefined));
    expect(all(claims, "lost")[0]?.why).toContain(
      "only what is archived by then is left in the bucket orders",
    );
  });

  it("with the volume of the only member, and with those of all members", () => {
    for (const members of [1, 3]) {
      const change = between({ members }, { members });
      const volumesLost = change.before?.plan.members.map(({ volume }) => volume) ?? [];
      const claims = claimsOf({ ...change, parts: { ...change.parts, volumesLost } });
      expect(all(claims, "lost")).toMatchObject([{ what: "database" }]);
    }
  });

  it("with the volume of the S3 server: backups", () => {
    const change = between({}, {});
    const claims = claimsOf({ ...change, parts: { ...change.parts, volumesLost: ["dev-s3-data"] } });
    expect(all(claims, "lost")).toMatchObject([{ what: "backups" }]);
    expect(all(claims, "kept")).toEqual([{ kind: "kept", names: ["dev-1", "dev-2", "dev-3"] }]);
  });

  it("and with nothing else: twelve changes that are harmless", () => {
    const slot = { name: "cdc", database: "app" };
    const logical = { postgresql: { parameters: { wal_level: "logical" } } };
    const harmless: readonly (readonly [object, object])[] = [
      [{}, { image: "spilo:other" }],
      [{}, { postgresql: { parameters: { work_mem: "8MB" } } }],
      [{}, { postgresql: { parameters: { max_connections: 200 } } }],
      [{}, { resources: { memory: "4GB" } }],
      [{}, { members: 5 }],
      [
        { members: 5, deletionProtection: false },
        { members: 3, deletionProtection: false },
      ],
      [
        { members: 3, deletionProtection: false },
        { members: 1, deletionProtection: false },
      ],
      [{}, { rotation: { passwords: 2 } }],
      [{}, { endpoint: { names: ["db.example.com"] } }],
      [{ ...logical, logicalSlots: [slot] }, logical],
      [{ backup: { retainDays: 14 } }, { backup: { retainDays: 7 } }],
      [{}, { replicas: [{ name: "reports" }] }],
    ];
    for (const [before, after] of harmless) {
      const claims = claimsOf(between(before, after));
      expect(all(claims, "lost")).toEqual([]);
      expect(["low", "outage", "high"]).toContain(riskOf(claims));
    }
  });

  it("with no cluster that is backed up at its end, or follows another one", () => {
    expect(all(claimsOf(between({ deletionProtection: false }, undefined)), "lost")).toEqual([]);
  });
});

describe("what a look adds", () => {
  const image = () => between({}, { image: "spilo:other" });

  it.each(["dev-1", "dev-2", "dev-3"])(
    "%s leads: it comes last, and one of the others leads afterwards",
    (leader) => {
      const claims = claimsOf(image(), seen(leader));
      const others = ["dev-1", "dev-2", "dev-3"].filter((name) => name !== leader);
      expect(all(claims, "order")).toEqual([{ kind: "order", names: [...others, leader] }]);
      expect(all(claims, "leader")).toEqual([{ kind: "leader", before: leader, after: others }]);
      expect(all(claims, "switchovers")).toEqual([
        { kind: "switchovers", least: 1, most: 1, ifLeads: [leader] },
      ]);
    },
  );

  it("who leads and is removed hands over; who leads and stays does not", () => {
    const fewer = () => between({ deletionProtection: false }, { members: 2, deletionProtection: false });
    const of = (leader: string) => all(claimsOf(fewer(), seen(leader)), "switchovers");
    expect(of("dev-3")).toMatchObject([{ least: 1, most: 1 }]);
    expect(of("dev-1")).toMatchObject([{ least: 0, most: 0 }]);
    expect(all(claimsOf(fewer(), seen("dev-3")), "leader")).toMatchObject([{ after: ["dev-1", "dev-2"] }]);
  });

  it("the outage comes from the cluster's own history, and says so", () => {
    const switchover = figureFrom([2_000, 3_000, 9_000]);
    const [outage] = all(claimsOf(image(), seen("dev-1", { switchover })), "outage");
    expect(outage).toMatchObject({
      expectedMs: 3_000,
      worstMs: 9_000,
      source: { kind: "history", events: 3 },
    });
    expect(outage && sentenceOf(outage)).toBe(
      "applications cannot write for about 3.0 s during the switchover, 9.0 s at worst so far (the last 3 of this cluster's history)",
    );
    const [written] = all(claimsOf(image(), seen("dev-1")), "outage");
    expect(written?.source).toEqual({ kind: "docs", page: "docs/measured/changes.txt" });
  });

  it("a pause, and a standby that is behind, keep `up` from going on", () => {
    const { roles, ...rest } = seen("dev-1");
    const behind = roles.members.map((one) =>
      one.name === "dev-2" ? { ...one, lagBytes: 50_000_000 } : one,
    );
    const less = () => between({ deletionProtection: false }, { members: 2, deletionProtection: false });
    const paused = claimsOf(less(), { ...rest, roles: { ...roles, members: behind, paused: true } });
    expect(all(paused, "blocked").map(({ reason }) => reason)).toEqual([
      "Patroni is paused, and `up` replaces and removes no member then",
      "dev-2 is 48 MB behind (limit 1 MB)",
    ]);
    expect(riskOf(paused)).toBe("high");
    expect(all(claimsOf(between({}, {}), { ...rest, roles: { ...roles, paused: true } }), "blocked")).toEqual(
      [],
    );
  });

  it("a logical slot that is declared nowhere is at risk when the leader changes, and not by a reload", () => {
    const byHand = seen("dev-1", { logicalSlots: ["debezium"] });
    expect(all(claimsOf(image(), byHand), "slot")).toEqual([
      { kind: "slot", name: "debezium", effect: "at risk" },
    ]);
    const reload = between({}, { postgresql: { parameters: { work_mem: "8MB" } } });
    expect(all(claimsOf(reload, byHand), "slot")).toEqual([]);
    const kept = between({ keptSlots: ["debezium"] }, { keptSlots: ["debezium"], image: "spilo:other" });
    expect(all(claimsOf(kept, byHand), "slot")).toEqual([]);
  });
});

describe("whatever is changed", () => {
  const restarting = settableParameters(17).filter(
    ({ context, channel, min, max, type }) =>
      context === "postmaster" &&
      channel === "dynamic" &&
      type === "integer" &&
      min !== undefined &&
      max !== undefined,
  );

  it("a parameter that takes a restart is said to take one, and members are said to restart", () => {
    expect(restarting.length).toBeGreaterThan(5);
    const change = between({}, {});
    for (const { name, min = 0, max = 0 } of restarting) {
      const settings = change.before?.plan.settings;
      if (settings === undefined) throw new Error("there is no plan");
      const { postgresql, ...others } = settings;
      const value = postgresql.parameters[name] === max ? min : max;
      const to = {
        ...others,
        postgresql: { ...postgresql, parameters: { ...postgresql.parameters, [name]: value } },
      };
      const claims = claimsOf({ ...change, settings: { from: settings, to } });
      expect(all(claims, "set").flatMap(({ values }) => values)).toContainEqual(
        expect.objectContaining({ name, takes: "restart" }),
      );
      expect(all(claims, "restarted")).toMatchObject([{ names: ["dev-1", "dev-2", "dev-3"] }]);
      expect(all(claims, "outage")[0]?.causes).toContain("restart");
    }
  });

  it("never is there said to be no switchover when a member that may lead is replaced or removed", () => {
    fc.assert(
      fc.property(someChange(), fc.option(fc.integer({ min: 1, max: 3 })), ([older, newer], place) => {
        const change = between(older, newer);
        const members = change.before?.plan.members ?? [];
        const leader = place === null ? undefined : `dev-${place}`;
        const look = leader === undefined || members.length !== 3 ? undefined : seen(leader);
        const claims = claimsOf(change, look);
        const { replaced, removed } = change.parts;
        const touched = [...replaced.member, ...removed.member];
        const mayLead = look === undefined ? members.map(({ name }) => name) : [leader ?? ""];
        const goes =
          mayLead.some((name) => touched.includes(name)) && (change.after?.plan.members.length ?? 0) > 1;
        const [switchovers] = all(claims, "switchovers");
        if (goes && members.length > 1) expect(switchovers?.most).toBeGreaterThan(0);
        if (touched.length === 0) expect(switchovers?.most).toBe(0);
        // All of a plan: each part is told of once.
        const told = claims.flatMap((claim) =>
          ["replaced", "created", "removed", "untouched"].includes(claim.kind) && "names" in claim
            ? claim.names
            : [],
        );
        expect(new Set(told).size).toBe(told.length);
        const outage = all(claims, "outage")[0];
        if ((switchovers?.most ?? 0) > 0) expect(outage?.causes).toContain("switchover");
        for (const claim of claims) expect(sentenceOf(claim)).not.toMatch(/undefined|NaN|\[object/);
      }),
    );
  });

  it("nothing is foretold of what does not change", () => {
    fc.assert(
      fc.property(someChange(), ([older]) => {
        const claims = claimsOf(between(older, older));
        expect(riskOf(claims)).toBe("none");
        expect(specDiff(specification(older), specification(older))).toEqual([]);
      }),
    );
  });
});

/** Two specifications of one cluster, neither of which is refused. */
function someChange(): fc.Arbitrary<readonly [object, object]> {
  const written = fc.record(
    {
      members: fc.integer({ min: 1, max: 5 }),
      image: fc.constantFrom("spilo:a", "spilo:b"),
      resources: fc.record({ memory: fc.constantFrom("2GB", "4GB") }),
      rotation: fc.record({ passwords: fc.constantFrom(1, 2) }),
      postgresql: fc.record({
        parameters: fc.record(
          { max_connections: fc.constantFrom(100, 200), work_mem: fc.constantFrom("4MB", "5MB") },
          { requiredKeys: [] },
        ),
      }),
      deletionProtection: fc.boolean(),
      replicas: fc.constantFrom([], [{ name: "reports" }]),
    },
    { requiredKeys: [] },
  );
  return fc.tuple(written, written);
}
