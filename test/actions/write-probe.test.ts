import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { describeOutage } from "../../actions/probe/describe-outage.ts";
import { longestGap } from "../../actions/probe/outage.ts";
import { type ProbeSession, startWriteProbe } from "../../actions/probe/write-probe.ts";
import type { Clock } from "../../actions/wait.ts";
import { virtualClock } from "./virtual-clock.ts";

/** A table that outages and losses can be made of. Each write takes ten milliseconds. */
class FakeTable {
  readonly rows = new Set<number>();
  readonly clock: Clock = virtualClock();
  isDown = false;
  sessions = 0;
  open = 0;
  tables: string[] = [];
  private last = 0;

  readonly connect = async (): Promise<ProbeSession> => {
    await this.clock.sleep(1);
    if (this.isDown) throw new Error("connection refused");
    this.sessions += 1;
    this.open += 1;
    return {
      query: (text, values) => this.query(text, values),
      end: async () => {
        this.open -= 1;
      },
    };
  };

  /** Loses the last row that it has acknowledged. */
  lose(): void {
    this.rows.delete(this.last);
  }

  private async query(text: string, values: unknown[] = []): Promise<{ rows: readonly unknown[] }> {
    if (this.isDown) throw new Error("terminating connection due to administrator command");
    if (text.startsWith("create table")) this.tables.push(/exists (\w+)/.exec(text)?.[1] ?? "");
    if (text.startsWith("select")) return { rows: [...this.rows].map((id) => ({ id })) };
    if (text.startsWith("delete")) this.rows.clear();
    if (!text.startsWith("insert")) return { rows: [] };
    await this.clock.sleep(10);
    if (this.isDown) throw new Error("terminating connection due to administrator command");
    this.last = Number(values[1]);
    this.rows.add(this.last);
    return { rows: [] };
  }
}

async function probing(work: (table: FakeTable) => Promise<void>, countFromStart = false) {
  const table = new FakeTable();
  if (countFromStart) table.isDown = true;
  const { connect, clock } = table;
  const probe = startWriteProbe({ connect, clock, countFromStart });
  if (!countFromStart) await probe.writes(20, 5_000);
  await work(table);
  await probe.writes(5, 10_000).catch(() => undefined);
  return { table, result: await probe.stop() };
}

describe("a write probe", () => {
  it("measures an outage by the commits that were acknowledged, and says what went before", async () => {
    const { result, table } = await probing(async (seen) => {
      seen.isDown = true;
      await seen.clock.sleep(800);
      seen.isDown = false;
    });
    expect(result.longestGapMs).toBeGreaterThanOrEqual(800);
    expect(result.longestGapMs).toBeLessThan(900);
    expect(result).toMatchObject({ missing: [], stillOut: false });
    expect(result.failures).toBeGreaterThan(10);
    expect(result.writesPerSecondBefore).toBeCloseTo(1000 / 15, 0);
    expect(result.acknowledged).toBeGreaterThanOrEqual(25);
    expect(table.sessions).toBeGreaterThan(1);
  });

  it("leaves no row and no connection behind", async () => {
    const { table, result } = await probing(async () => undefined);
    expect(result.failures).toBe(0);
    await table.clock.sleep(10);
    expect([table.rows.size, table.open]).toEqual([0, 0]);
    expect(new Set(table.tables)).toEqual(new Set(["outage_probe"]));
  });

  it("tells which acknowledged row is missing", async () => {
    const { result } = await probing(async (table) => table.lose());
    expect(result.missing).toHaveLength(1);
  });

  it("tells that the outage goes on, and that nobody could look", async () => {
    const { result } = await probing(async (table) => {
      table.isDown = true;
    });
    expect(result.stillOut).toBe(true);
    expect(result.longestGapMs).toBeGreaterThanOrEqual(10_000);
    expect(result).not.toHaveProperty("missing");
    expect(describeOutage(result)).toMatch(/ s and goes on \(67 writes a second before, nobody could look/);
  });

  it("counts from its start where nobody can write then", async () => {
    const { result } = await probing(async (table) => {
      await table.clock.sleep(3_000);
      table.isDown = false;
    }, true);
    expect(result.longestGapMs).toBeGreaterThanOrEqual(3_000);
    expect(result.longestGapMs).toBeLessThan(3_100);
    expect(result).not.toHaveProperty("writesPerSecondBefore");
  });

  it("says why nobody can write", async () => {
    const table = new FakeTable();
    table.isDown = true;
    const { connect, clock } = table;
    const probe = startWriteProbe({ connect, clock });
    await expect(probe.writes(1, 1_000)).rejects.toThrow(
      "1 commits through the endpoint: not within 1 s: connection refused",
    );
    expect(await probe.stop()).toMatchObject({ acknowledged: 0, stillOut: false, longestGapMs: 0 });
  });

  it("stops although a connection hangs", async () => {
    const clock = virtualClock();
    const probe = startWriteProbe({ connect: () => new Promise(() => undefined), clock });
    expect(await probe.stop()).toMatchObject({ acknowledged: 0 });
    expect(clock.now()).toBeLessThanOrEqual(15_000);
  });
});

describe("the longest gap", () => {
  const times = fc
    .array(fc.integer({ min: 0, max: 10_000 }), { maxLength: 30 })
    .map((all) => all.sort((a, b) => a - b));

  it("is no shorter than any other, and within what was watched", () => {
    fc.assert(
      fc.property(times, fc.boolean(), (ats, fromStart) => {
        const acknowledged = ats.map((at, id) => ({ id, at }));
        const gap = longestGap(acknowledged, { ...(fromStart ? { from: 0 } : {}), to: 10_000 });
        const all = [...(fromStart ? [0] : []), ...ats, 10_000];
        const pairs = all.slice(1).map((at, index) => at - (all[index] ?? at));
        const watched = fromStart || ats.length > 0;
        expect(gap.milliseconds).toBe(watched ? Math.max(...pairs) : 0);
        expect(gap.from + gap.milliseconds).toBeLessThanOrEqual(10_000);
      }),
    );
  });

  it("has the rate of the five seconds before it", () => {
    const slow = [0, 1000, 2000].map((at, id) => ({ id, at }));
    const fast = Array.from({ length: 101 }, (_, index) => ({ id: 3 + index, at: 8000 + index * 10 }));
    const gap = longestGap([...slow, ...fast], { to: 20_000 });
    expect(gap).toMatchObject({ from: 9000, milliseconds: 11_000, open: true, writesPerSecondBefore: 100 });
  });
});
