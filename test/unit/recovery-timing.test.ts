import { describe, expect, it } from "vitest";
import { checkTiming } from "../../cluster/settings/recovery-timing.ts";
import { dynamicSettings } from "../../cluster/settings/settings.ts";
import { specification } from "./specifications.ts";

describe("checkTiming", () => {
  it("finds nothing wrong with the timing of this stack", () => {
    const { ttl, loop_wait: loopWait, retry_timeout: retryTimeout } = dynamicSettings(specification());
    expect(checkTiming({ ttl, loopWait, retryTimeout }, "recovery")).toEqual([]);
  });

  it("wants room for two tries and a look within the lease", () => {
    expect(checkTiming({ ttl: 20, loopWait: 5, retryTimeout: 8 }, "recovery")).toEqual([
      {
        path: "recovery.ttl",
        value: 20,
        message:
          "loopWait + 2 × retryTimeout is 21, which does not fit into ttl: a leader that is well would lose its lease",
        remedy: "Set ttl to 21 or more, or lower retryTimeout.",
      },
    ]);
  });

  it.each([
    ["ttl", { ttl: 19, loopWait: 1, retryTimeout: 3 }, 20],
    ["loopWait", { ttl: 20, loopWait: 0, retryTimeout: 3 }, 1],
    ["retryTimeout", { ttl: 20, loopWait: 1, retryTimeout: 2 }, 3],
  ] as const)("wants no less of %s than Patroni does", (key, timing, least) => {
    expect(checkTiming(timing, "recovery")).toEqual([
      {
        path: `recovery.${key}`,
        value: timing[key],
        message: `must be at least ${least} seconds: Patroni takes its default for less`,
        remedy: `Set it to ${least} or more.`,
      },
    ]);
  });

  it("takes the shortest timing that Patroni allows", () => {
    expect(checkTiming({ ttl: 20, loopWait: 14, retryTimeout: 3 }, "recovery")).toEqual([]);
  });
});
