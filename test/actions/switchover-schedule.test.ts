import { describe, expect, it } from "vitest";
import { ActionError } from "../../actions/action-error.ts";
import {
  cancelSwitchover,
  checkedTime,
  listSwitchover,
  scheduleSwitchover,
} from "../../actions/switchover/schedule.ts";
import { Refusal } from "../../actions/verbs/verb.ts";
import { member, RoleWorld } from "./role-world.ts";

const now = () => new Date("2030-01-01T00:00:00Z");
const at = "2030-01-02T03:00:00+01:00";
const scheduled = { at: "2030-01-02T02:00:00.000Z", from: "m-1", to: "m-2" };

function schedule(world: RoleWorld, to?: string) {
  return scheduleSwitchover(world.handle, { at, to, now, tools: world.tools }, world.narrator);
}

describe("a switchover for later", () => {
  it("is Patroni's alone, and says what is not done then", async () => {
    const world = new RoleWorld();
    expect(await schedule(world, "m-2")).toEqual({ cluster: "orders", scheduled });
    expect(world.changes).toEqual(["switchover m-1 to m-2 at 2030-01-02T02:00:00.000Z"]);
    expect(world.warnings).toEqual([expect.stringContaining("no pool is paused, nothing is measured")]);
    expect(world.probes).toEqual([]);
  });

  it("leaves the choice to Patroni, and minds no lag that will have passed", async () => {
    const members = [
      member("m-1", { role: "leader", state: "running" }),
      member("m-2", { state: "stopped" }),
    ];
    const world = new RoleWorld({ observed: { members } });
    await schedule(world);
    expect(world.changes).toEqual(["switchover m-1 to anybody at 2030-01-02T02:00:00.000Z"]);
  });

  it.each(["2030-01-02T03:00:00", "tomorrow", "2030-01-02", "2030-13-02T03:00:00Z", "2029-12-31T23:59:59Z"])(
    "is refused at %s",
    async (written) => {
      const world = new RoleWorld();
      const options = { at: written, now, tools: world.tools };
      const work = scheduleSwitchover(world.handle, options, world.narrator);
      await expect(work).rejects.toThrow(/Write for example 2030-01-01T01:00:00Z\.$/);
      expect(world.acts).toEqual([]);
    },
  );

  it("is refused beside another one, in a pause, and to the one that leads", async () => {
    const beside = new RoleWorld({ observed: { scheduled } });
    await expect(schedule(beside)).rejects.toThrow(
      /another one is scheduled .* `spiloctl switchover --cancel`/,
    );
    const paused = new RoleWorld({ observed: { paused: true } });
    await expect(schedule(paused)).rejects.toBeInstanceOf(Refusal);
    const already = new RoleWorld();
    await expect(schedule(already, "m-1")).rejects.toThrow("m-1 leads already");
    expect([beside, paused, already].flatMap(({ changes }) => changes)).toEqual([]);
  });

  it("that Patroni refuses is refused in its words", async () => {
    const world = new RoleWorld();
    world.refusal = new ActionError("refused", "Patroni: Cannot schedule switchover in the past");
    await expect(schedule(world)).rejects.toThrow("refused: Patroni: Cannot schedule switchover in the past");
  });
});

describe("what is scheduled", () => {
  it("is listed, or nothing is", async () => {
    const some = new RoleWorld({ observed: { scheduled } });
    expect(await listSwitchover(some.handle, some.narrator, some.tools)).toMatchObject({ scheduled });
    expect(some.told).toEqual(["switchover to m-2 at 2030-01-02T02:00:00.000Z"]);
    const none = new RoleWorld();
    expect(await listSwitchover(none.handle, none.narrator, none.tools)).toMatchObject({ scheduled: null });
  });

  it("is taken back, and nothing to take back is well too", async () => {
    const world = new RoleWorld({ observed: { scheduled } });
    const cancel = () => cancelSwitchover(world.handle, world.narrator, world.tools);
    expect(await cancel()).toMatchObject({ scheduled: null, cancelled: scheduled });
    expect(await cancel()).toEqual({ cluster: "orders", scheduled: null });
    expect(world.changes).toEqual(["cancel"]);
  });
});

it("a time with a zone is the same time in UTC", () => {
  expect(checkedTime("2030-06-01T02:00+02:00", now())).toBe("2030-06-01T00:00:00.000Z");
});
