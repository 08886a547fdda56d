import { describe, expect, it } from "vitest";
import { observeTwice } from "../../actions/status/settle.ts";
import type { HaState } from "../../cluster/running/ha-state.ts";
import { hastyClock } from "../provider/hasty-clock.ts";

/** What is told of looks that find these states one after the other, the last one for ever. */
async function toldOf(states: readonly (HaState | undefined)[], lastKnown?: HaState) {
  const clock = hastyClock();
  let looks = 0;
  const { haState } = await observeTwice({ clock, lastKnown }, async () => {
    looks += 1;
    return { haState: states[Math.min(looks, states.length) - 1] };
  });
  return { haState, looks, seconds: clock.now() / 1000 };
}

describe("a state", () => {
  it.each<HaState>(["Healthy", "NotEnabled"])("is told at once when it is %s", async (state) => {
    expect(await toldOf([state])).toEqual({ haState: state, looks: 1, seconds: 0 });
  });

  it("that is another one is told when two looks a second apart agree", async () => {
    expect(await toldOf(["FailingOver"])).toEqual({ haState: "FailingOver", looks: 2, seconds: 1 });
  });

  it("that passes is not told", async () => {
    expect(await toldOf(["FailingOver", "Healthy"])).toEqual({ haState: "Healthy", looks: 2, seconds: 1 });
  });

  it("that was known already needs no second look", async () => {
    expect(await toldOf(["ReplicatingData"], "ReplicatingData")).toMatchObject({ looks: 1 });
  });

  it("that is another one each time is FailingOver after ten looks", async () => {
    const changing = Array.from({ length: 12 }, (_, index) =>
      index % 2 === 0 ? ("Initializing" as const) : ("ReplicatingData" as const),
    );
    expect(await toldOf(changing)).toEqual({ haState: "FailingOver", looks: 10, seconds: 9 });
  });

  it("is none when nobody answers twice", async () => {
    expect(await toldOf([undefined])).toMatchObject({ haState: undefined, looks: 2 });
  });
});
