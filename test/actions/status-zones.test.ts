import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { colourless } from "../../actions/cli/paint.ts";
import { statusLines } from "../../actions/cli/status-text.ts";
import type { ClusterHandle } from "../../actions/handle.ts";
import { exitCodeOf } from "../../actions/status/degraded.ts";
import type { StatusReport } from "../../actions/status/report.ts";
import { status } from "../../actions/verbs/status.ts";
import { FakeCluster } from "../provider/fake-cluster.ts";
import { backupReport } from "./bucket.ts";
import { handleOf } from "./test-handle.ts";

let cluster: FakeCluster;

beforeEach(async () => {
  cluster = await new FakeCluster().start();
});

afterEach(() => cluster.stop());

type Placement = NonNullable<ClusterHandle["placement"]>;

interface World {
  /** Of the members in their order. */
  readonly zones?: readonly string[];
  readonly placement?: Partial<Placement>;
  /** Zones that are declared not available. */
  readonly missing?: readonly string[];
  /** Members that are declared not to have synchronous commits. */
  readonly nosync?: readonly string[];
  /** Those that are tagged so. @default the same */
  readonly tagged?: readonly string[];
}

/** m-1 leads; three zones. */
function handle({
  zones = ["a", "b", "c"],
  placement = {},
  missing = [],
  nosync = [],
  tagged = nosync,
}: World) {
  const plain = handleOf(cluster);
  const { patroni } = plain;
  const withTags: typeof patroni.cluster = async (url) => {
    const view = await patroni.cluster(url);
    const tag = (name: string) => (tagged.includes(name) ? { tags: { nosync: true } } : {});
    return { ...view, members: view.members.map((member) => ({ ...member, ...tag(member.name) })) };
  };
  const declared = ["a", "b", "c"].map((name) => {
    return { name, host: `ssh://db-${name}`, available: !missing.includes(name), witness: false };
  });
  return {
    ...plain,
    members: plain.members.map((member, index) => {
      return { ...member, zone: zones[index] ?? "a", synchronous: !nosync.includes(member.name) };
    }),
    placement: {
      ...{ mode: "cross-zone", standing: "cross-zone", zones: declared, fallbackToSameZone: true },
      ...placement,
    } satisfies Placement,
    patroni: { ...patroni, cluster: withTags },
  };
}

function look(world: World): Promise<StatusReport> {
  const archiver = {
    ...{ lastWal: null, lastSeconds: null, archived: 0, failures: 0, waiting: 0 },
    ...{ lastFailedWal: null, lastFailedSeconds: null, oldestWaitingSeconds: null },
    ...{ upTo: null, timeoutSeconds: 60 },
  };
  const sources = {
    serverFacts: async () => ({ slots: [], archiver, standbys: [] }),
    holders: async () => [{ proxy: "proxy-1", holds: { known: true } }],
    backups: async () => [backupReport()],
    certificates: async () => [],
  };
  return status(handle(world), { sources, record: false });
}

const whenBack = "(`spiloctl zones probe --write` when back, then `pulumi up`)";

describe("status of a cluster over zones", () => {
  it("is healthy with the primary at home, and says who stands where", async () => {
    const report = await look({ placement: { primaryZone: "a" } });
    expect(report).toMatchObject({
      ...{ degraded: [], notes: [] },
      placement: { mode: "cross-zone", standing: "cross-zone", primaryZone: "a", leaderZone: "a" },
      members: [
        { name: "m-1", zone: "a", eligible: true, nosync: false },
        { name: "m-2", zone: "b" },
        { name: "m-3", zone: "c" },
      ],
    });
    const lines = statusLines(report, colourless);
    expect(lines.filter((line) => /^ {2}m-\d /.test(line))).toEqual([
      expect.stringMatching(/ m-1 +leader +running +zone a +127/),
      expect.stringMatching(/ m-2 +quorum +streaming +zone b +127/),
      expect.stringMatching(/ m-3 +quorum +streaming +zone c +127/),
    ]);
    expect(lines).toContain(
      "  placement     cross-zone, members in zones a, b and c, the primary belongs in zone a",
    );
  });

  it("notes a primary that is elsewhere, which is no fault", async () => {
    const report = await look({ placement: { primaryZone: "b" } });
    const note = "the primary is in zone a and belongs in zone b: `spiloctl switchover --home`";
    expect([report.notes, report.degraded, exitCodeOf(report)]).toEqual([[note], [], 0]);
    expect(statusLines(report, colourless)).toContain(`  note          ${note}`);
  });

  it("does not send the primary to a zone that is not there", async () => {
    const { notes } = await look({ placement: { primaryZone: "b" }, missing: ["b"] });
    expect(notes).toEqual(["the primary is in zone a, as zone b, where it belongs, is not available"]);
  });

  it("is degraded without a zone, and names the way out", async () => {
    const one = await look({ zones: ["a", "b", "a"], missing: ["c"] });
    expect(one.degraded).toEqual([`zone c is declared not available ${whenBack}`]);
    expect(exitCodeOf(one)).toBe(4);
    const two = await look({ zones: ["a", "a", "a"], missing: ["b", "c"], placement: { standing: "zonal" } });
    expect(two.degraded).toEqual([
      `cross-zone asked, stands in one zone: zones b and c are not available ${whenBack}`,
    ]);
  });

  it("says that the zone promise is off while a nosync member leads", async () => {
    const promise = (verb: string) =>
      `m-1 leads, a nosync member: the zone promise is off until \`${verb}\` hands over`;
    const { degraded, members } = await look({ zones: ["a", "b", "a"], nosync: ["m-1"] });
    expect(degraded).toEqual([promise("spiloctl switchover --home")]);
    expect(members[0]).toMatchObject({ eligible: false, nosync: true });
    const barred = await look({ nosync: ["m-1"], missing: ["c"], placement: { primaryZone: "c" } });
    expect(barred.degraded).toContain(promise("spiloctl switchover"));
  });

  it("tells of a member whose tag is not the declared one", async () => {
    const { degraded } = await look({ nosync: ["m-2"], tagged: ["m-3"] });
    expect(degraded).toEqual([
      "m-2 is not tagged nosync, and is to be: an update has not come to it (`pulumi up`)",
      "m-3 is tagged nosync, and is not to be: an update has not come to it (`pulumi up`)",
    ]);
  });
});

it("a cluster of one zone has nothing to tell of zones", async () => {
  const [zone] = handle({}).placement.zones;
  const zones = zone === undefined ? [] : [zone];
  const placement = { mode: "zonal", standing: "zonal", zones } as const;
  const report = await look({ zones: ["a", "a", "a"], placement });
  expect([report.degraded, report.notes]).toEqual([[], []]);
  const text = statusLines(report, colourless).join("\n");
  expect(text).not.toMatch(/zone|placement/);
  expect(text).toContain("m-1");
});
