import { describe, expect, it } from "vitest";
import { unoffered, wantedTypes } from "../../cluster/aws/offerings.ts";
import { type ClusterSpecInput, parseSpec, planCluster } from "../../cluster/index.ts";
import { onAws } from "./aws-specifications.ts";

/** What is wrong with a plan when AWS offers these types in these zones. */
function issuesOf(written: ClusterSpecInput, offered: Readonly<Record<string, string>>) {
  const plan = planCluster(parseSpec(written));
  if (plan.aws === undefined) throw new Error("it has nothing of AWS");
  return wantedTypes(plan.aws).flatMap((type) => {
    const zones = [...(offered[type.instanceType] ?? "")].map((zone) => `eu-central-1${zone}`);
    return unoffered(plan, type, zones);
  });
}

describe("types of machines", () => {
  it("are asked for once for each setting, and where machines stand alone", () => {
    const { aws } = planCluster(parseSpec(onAws("abc", { members: 5 })));
    const wanted = aws === undefined ? [] : wantedTypes(aws);
    expect(wanted.map(({ setting, instanceType }) => [setting, instanceType])).toEqual([
      ["aws.instanceType", "m7g.large"],
      ["aws.voterType", "t4g.small"],
    ]);
    expect(wanted[0]?.machines.map(({ part }) => part)).toEqual(
      ["1-a", "2-b", "3-c", "4-a", "5-b"].map((part) => `orders-${part}`),
    );
  });

  it("that are offered where they are to stand are taken, whatever is offered elsewhere", () => {
    expect(issuesOf(onAws("abc"), { "m7g.large": "abcd", "t4g.small": "abc" })).toEqual([]);
  });

  it("that are not offered somewhere are refused, with the setting, the part and the ways on", () => {
    expect(issuesOf(onAws("abc"), { "m7g.large": "ab", "t4g.small": "abc" })).toEqual([
      {
        path: "aws.instanceType",
        value: "m7g.large",
        message:
          "AWS does not offer it in eu-central-1c, where orders-3-c would stand, but in eu-central-1a and eu-central-1b",
        remedy:
          "Choose another type, or other zones; or set placement.zones[2].available to false and " +
          "placement.fallbackToSameZone to true: then all stands in the zones that are left.",
      },
    ]);
  });

  it("are refused for members and voters at once", () => {
    const issues = issuesOf(onAws("abc"), { "m7g.large": "a", "t4g.small": "ac" });
    expect(issues.map(({ path, message }) => [path, message])).toEqual([
      [
        "aws.instanceType",
        "AWS does not offer it in eu-central-1b and eu-central-1c, where orders-2-b and orders-3-c would stand, but in eu-central-1a",
      ],
      [
        "aws.voterType",
        "AWS does not offer it in eu-central-1b, where orders-etcd-2-b would stand, but in eu-central-1a and eu-central-1c",
      ],
    ]);
  });

  it("have no fallback in a single zone, nor where no zone is left", () => {
    for (const zones of ["a", "abc"]) {
      const [issue] = issuesOf(onAws(zones), { "t4g.small": "abc" });
      expect(issue?.remedy).toBe("Choose another type, or other zones.");
      expect(issue?.message).toMatch(/, but in no other zone$/);
    }
  });

  it("are not asked for in a zone that is given up: what belongs there stands elsewhere", () => {
    const zones = [{ name: "a" }, { name: "b" }, { name: "c", available: false }];
    const given = onAws("abc", { placement: { mode: "cross-zone", fallbackToSameZone: true, zones } });
    expect(issuesOf(given, { "m7g.large": "ab", "t4g.small": "ab" })).toEqual([]);
    expect(issuesOf(given, { "m7g.large": "a", "t4g.small": "ab" })[0]?.remedy).toBe(
      "Choose another type, or other zones; or set placement.zones[1].available to false: " +
        "then all stands in the zones that are left.",
    );
  });
});
