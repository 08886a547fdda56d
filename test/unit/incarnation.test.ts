import { describe, expect, it } from "vitest";
import { archivePrefix, dcsConfigKey, dcsNamespace, planCluster } from "../../cluster/index.ts";
import { specification } from "./specifications.ts";

describe("an incarnation", () => {
  const plan = planCluster(specification({ postgresql: { version: 16 } }));

  it("has keys in etcd and a place in the bucket that no other life of the cluster has", () => {
    expect(dcsNamespace("ab12cd34")).toBe("/spilo-ab12cd34/");
    expect(dcsConfigKey(plan, "ab12cd34")).toBe("/spilo-ab12cd34/dev/config");
    expect(archivePrefix(plan, "ab12cd34")).toBe("spilo/dev/ab12cd34/wal/16");
  });

  it.each(["", "AB12", "a/b", "a".repeat(33)])("is never %j", (incarnation) => {
    expect(() => dcsConfigKey(plan, incarnation)).toThrow(
      new RangeError(`incarnation: ${incarnation}: must be 1 to 32 characters of a-z and 0-9`),
    );
  });
});
