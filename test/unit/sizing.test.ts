import { describe, expect, it } from "vitest";
import {
  defaultSenders,
  neededSenders,
  type SendersWanted,
  sendersSuffice,
} from "../../cluster/rules/sizing.ts";
import { dynamicSettings } from "../../cluster/settings/settings.ts";
import { specification } from "./specifications.ts";

interface Sized {
  readonly wanted: SendersWanted;
  readonly needed: number;
  /** What it is when the user says nothing. */
  readonly unset: number;
}

/** Each that follows takes a sender and a slot; four at the least are for the members and their backups. */
const cases: readonly Sized[] = [
  { wanted: { members: 3, replicas: 5, logicalSlots: 12 }, needed: 21, unset: 21 },
  { wanted: { members: 1 }, needed: 4, unset: 20 },
  { wanted: { members: 2 }, needed: 4, unset: 20 },
  { wanted: { members: 3 }, needed: 4, unset: 20 },
  { wanted: { members: 4 }, needed: 5, unset: 20 },
  { wanted: { members: 5 }, needed: 6, unset: 20 },
  { wanted: { members: 9 }, needed: 10, unset: 20 },
  { wanted: { members: 1, replicas: 1 }, needed: 5, unset: 20 },
  { wanted: { members: 3, standbyClusters: 1 }, needed: 5, unset: 20 },
  { wanted: { members: 3, logicalSlots: 1 }, needed: 5, unset: 20 },
  { wanted: { members: 5, replicas: 1, standbyClusters: 1 }, needed: 8, unset: 20 },
  { wanted: { members: 9, replicas: 5, standbyClusters: 2, logicalSlots: 3 }, needed: 20, unset: 20 },
  { wanted: { members: 9, replicas: 5, standbyClusters: 2, logicalSlots: 4 }, needed: 21, unset: 21 },
  { wanted: { members: 3, logicalSlots: 50 }, needed: 54, unset: 54 },
  { wanted: { members: 3, replicas: 0, standbyClusters: 0, logicalSlots: 0 }, needed: 4, unset: 20 },
];

describe("WAL senders and replication slots", () => {
  it.each(cases)("of $wanted: $needed are needed, $unset are given", ({ wanted, needed, unset }) => {
    expect(neededSenders(wanted)).toBe(needed);
    expect(defaultSenders(wanted)).toBe(unset);
  });

  it.each(cases)(
    "of $wanted: $needed are enough, one less is refused with the number",
    ({ wanted, needed, unset }) => {
      for (const name of ["max_wal_senders", "max_replication_slots"]) {
        expect(sendersSuffice(wanted, { [name]: needed })).toEqual([]);
        expect(sendersSuffice(wanted, { [name]: needed - 1 })).toEqual([
          {
            path: `postgresql.parameters.${name}`,
            value: needed - 1,
            message: expect.stringContaining(`${needed} are needed`),
            remedy: `Set it to ${needed} or more, or remove it: then it is ${unset}.`,
          },
        ]);
      }
    },
  );

  it("tell how the number comes about", () => {
    const wanted = { members: 3, replicas: 5, standbyClusters: 1, logicalSlots: 12 };
    const [issue] = sendersSuffice(wanted, { max_wal_senders: "10" });
    expect(issue?.message).toBe(
      "22 are needed: max(4, members + 1), with 3 members, + 5 read replicas + 1 standby cluster + 12 logical slots",
    );
  });

  it("both are refused when both are too low", () => {
    const paths = sendersSuffice({ members: 3 }, { max_wal_senders: 3, max_replication_slots: 2 });
    expect(paths.map(({ path }) => path)).toEqual([
      "postgresql.parameters.max_wal_senders",
      "postgresql.parameters.max_replication_slots",
    ]);
  });

  it("are as many in the settings of a cluster that says nothing", () => {
    const { parameters } = dynamicSettings(specification({ members: 9 })).postgresql;
    expect(parameters).toMatchObject({ max_wal_senders: 20, max_replication_slots: 20 });
  });
});
