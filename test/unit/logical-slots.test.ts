import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkChange, describeParameterChange, planCluster } from "../../cluster/index.ts";
import { dynamicSettings } from "../../cluster/settings/settings.ts";
import { refusalOf, specification } from "./specifications.ts";

const logical = { postgresql: { parameters: { wal_level: "logical" } } };
const cdc = { name: "cdc", database: "orders" };

function declared(logicalSlots: readonly object[], keptSlots: readonly string[] = [], others: object = {}) {
  return { ...logical, logicalSlots, keptSlots, ...others };
}

describe("declared slots", () => {
  it("are Patroni's permanent ones, and those that it ignores", () => {
    const written = declared([cdc, { ...cdc, name: "audit", plugin: "test_decoding" }], ["debezium"]);
    expect(dynamicSettings(specification(written))).toMatchObject({
      slots: {
        cdc: { type: "logical", database: "orders", plugin: "pgoutput" },
        audit: { type: "logical", database: "orders", plugin: "test_decoding" },
      },
      ignore_slots: [{ name: "debezium" }],
      postgresql: { use_slots: true, parameters: { hot_standby_feedback: "on", wal_level: "logical" } },
    });
  });

  it("say nothing when there are none", () => {
    const settings = dynamicSettings(specification());
    expect(settings).not.toHaveProperty("slots");
    expect(settings).not.toHaveProperty("ignore_slots");
    expect(settings.postgresql.parameters).not.toHaveProperty("hot_standby_feedback");
  });

  it("have room for themselves, whatever there is besides", () => {
    const counts = fc.record({
      members: fc.integer({ min: 1, max: 9 }),
      logicalSlots: fc.integer({ min: 0, max: 40 }),
      keptSlots: fc.integer({ min: 0, max: 40 }),
    });
    fc.assert(
      fc.property(counts, ({ members, logicalSlots, keptSlots }) => {
        const slots = Array.from({ length: logicalSlots }, (_, n) => ({ ...cdc, name: `cdc_${n}` }));
        const kept = Array.from({ length: keptSlots }, (_, n) => `kept_${n}`);
        const { parameters } = dynamicSettings(specification(declared(slots, kept, { members }))).postgresql;
        const wanted = members + logicalSlots + keptSlots + 1;
        expect(parameters["max_replication_slots"]).toBeGreaterThanOrEqual(wanted);
        expect(parameters["max_wal_senders"]).toBeGreaterThanOrEqual(wanted);
      }),
    );
  });
});

const broken: readonly (readonly [title: string, written: object, lines: readonly string[]])[] = [
  [
    "without WAL that can be decoded",
    { logicalSlots: [cdc] },
    [
      "error  spilo:cluster.logicalSlots: takes WAL that can be decoded, but postgresql.parameters.wal_level is replica",
      "       Set postgresql.parameters.wal_level to logical: every member restarts once for it.",
    ],
  ],
  [
    "of one name",
    declared([cdc, { ...cdc, database: "other" }]),
    [
      'error  spilo:cluster.logicalSlots[1].name: "cdc"',
      "       is the name in logicalSlots[0].name already.",
      "       Choose another name, or remove one of the two.",
    ],
  ],
  [
    "that are somebody else's as well",
    declared([cdc], ["cdc"]),
    [
      'error  spilo:cluster.keptSlots[0]: "cdc"',
      "       is the name in logicalSlots[0].name already.",
      "       Choose another name, or remove one of the two.",
    ],
  ],
  [
    "with the name of a member's",
    declared([{ ...cdc, name: "dev_7" }]),
    [
      'error  spilo:cluster.logicalSlots[0].name: "dev_7"',
      "       is what the slot of one of the cluster's members is named, or may be.",
      "       Choose a name that does not begin with dev_ and a number.",
    ],
  ],
  [
    "with the name of a member's over several zones",
    { keptSlots: ["dev_2_b"] },
    [
      'error  spilo:cluster.keptSlots[0]: "dev_2_b"',
      "       is what the slot of one of the cluster's members is named, or may be.",
      "       Choose a name that does not begin with dev_ and a number.",
    ],
  ],
  [
    "of a template",
    declared([{ ...cdc, database: "template1" }]),
    [
      'error  spilo:cluster.logicalSlots[0].database: "template1"',
      "       is a template for databases, and holds no data of its own.",
      "       Set it to the database whose changes are wanted.",
    ],
  ],
  [
    "without feedback from standbys",
    {
      logicalSlots: [cdc],
      postgresql: { parameters: { wal_level: "LOGICAL", hot_standby_feedback: false } },
    },
    [
      "error  spilo:cluster.postgresql.parameters.hot_standby_feedback: false",
      "       the copies of logicalSlots on standbys need it, and Patroni turns it on there.",
      "       Remove it: with logicalSlots it is on.",
    ],
  ],
  [
    "for which there is no room",
    {
      keptSlots: ["debezium"],
      logicalSlots: [cdc],
      postgresql: { parameters: { wal_level: "logical", max_replication_slots: 5 } },
    },
    [
      "error  spilo:cluster.postgresql.parameters.max_replication_slots: 5",
      "       6 are needed: max(4, members + 1), with 3 members, + 1 logical slot + 1 kept slot.",
      "       Set it to 6 or more, or remove it: then it is 20.",
    ],
  ],
  [
    "that PostgreSQL would not take",
    declared([{ ...cdc, name: "c-d-c" }]),
    [
      'error  spilo:cluster.logicalSlots[0].name: "c-d-c"',
      "       must be a slot's name: 1 to 63 characters of a-z 0-9 _.",
      "       Write for example cdc_orders.",
    ],
  ],
];

describe("slots are refused", () => {
  it.each(broken)("%s", (_, written, lines) => {
    expect(refusalOf({ name: "dev", ...written })).toBe(lines.join("\n"));
  });

  it("but not for a name that only begins as a member's does", () => {
    expect(
      specification(
        declared([
          { ...cdc, name: "dev_cdc" },
          { ...cdc, name: "dev_1st" },
        ]),
      ).members,
    ).toBe(3);
  });
});

describe("a change of the slots", () => {
  const copied = "every standby restarts PostgreSQL once to have a copy";
  const loses = "whoever reads it loses what it has not read by then";
  const audit = { ...cdc, plugin: "test_decoding" };

  it.each([
    [
      "one more",
      declared([]),
      declared([cdc]),
      `slot cdc: is made for the database orders with pgoutput once that is there; ${copied}, and a failover before that loses it`,
    ],
    ["one less", declared([cdc]), declared([]), `slot cdc: is dropped as soon as it is idle; ${loses}`],
    [
      "another plugin",
      declared([cdc]),
      declared([audit]),
      `slot cdc: is dropped as soon as it is idle, and made anew for the database orders with test_decoding; ${loses}, and ${copied}`,
    ],
    ["one more that is kept", declared([]), declared([], ["cdc"]), "slot cdc: is left alone where it exists"],
    [
      "one that is not kept any more",
      declared([], ["cdc"]),
      declared([]),
      `slot cdc: is dropped as soon as it is idle; ${loses}`,
    ],
    [
      "one that was made by hand",
      declared([], ["cdc"]),
      declared([cdc]),
      `slot cdc: is taken over if it is one for the database orders with pgoutput, else dropped and made anew; ${copied}, and a failover before that loses it`,
    ],
    [
      "one that is given away",
      declared([cdc]),
      declared([], ["cdc"]),
      "slot cdc: stays on every member as it is, is left alone, and follows no leader any more",
    ],
  ])("is told: %s", (_, older, newer, sentence) => {
    const { sentences, restart, replacement } = changed(older, newer);
    expect(sentences.filter((text) => text.startsWith("slot "))).toEqual([sentence]);
    expect(sentences.join("\n")).not.toMatch(/ignore_slots|slots\./);
    expect({ restart, replacement }).toEqual({ restart: [], replacement: [] });
  });

  it("is none for those that stay", () => {
    const [older, newer] = [
      declared([cdc], ["debezium"]),
      declared([cdc, { ...audit, name: "b" }], ["debezium"]),
    ];
    expect(changed(older, newer).sentences).toHaveLength(1);
  });

  it("does not take away the WAL that one needs which may still be there", () => {
    const old = { name: "dev", ...declared([cdc]) };
    expect(checkChange(old, { name: "dev", ...declared([]) })).toEqual([]);
    expect(checkChange(old, { name: "dev" })).toEqual([
      {
        path: "postgresql.parameters.wal_level",
        value: "replica",
        message:
          "must stay logical while there are logical slots (cdc): no server that has one starts with less",
        remedy:
          "Leave it logical, take the slots out and run `pulumi up`; change it when `spiloctl status` shows none of them.",
      },
    ]);
    expect(checkChange({ name: "dev", ...logical }, { name: "dev" })).toEqual([]);
  });
});

function changed(older: object, newer: object) {
  return describeParameterChange(planCluster(specification(older)), planCluster(specification(newer)));
}
