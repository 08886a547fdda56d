import { describe, expect, it } from "vitest";
import { refusalsIn } from "../../cluster/impact/refusals.ts";
import { formatIssue } from "../../cluster/schema/spec-error.ts";
import { recorded, recordedChange } from "../previews/read.ts";

describe("what this project has refused, among the errors of a preview", () => {
  it.each([
    { path: "members", value: 12, message: "must be a whole number", remedy: "Set members to 3." },
    { path: "name", value: "other", message: "must stay dev", remedy: "Set it back. Or declare another." },
    { path: "endpoint.pooled", value: true, message: "cannot be", remedy: "Remove it." },
    { path: "restoreFrom", message: "is not known", remedy: "Did you mean origin?" },
    { path: "", message: "must be a mapping", remedy: "Write one." },
    { path: "spilo:images.proxy", value: [1], message: "must be a name", remedy: "Name one." },
  ])("is read as it was meant: %j", ({ value, ...issue }) => {
    const said = formatIssue(value === undefined ? issue : { ...issue, value });
    expect(refusalsIn([`error: ${said}\n`])).toEqual([issue]);
    expect(refusalsIn([`error: resource 'a': property b has a problem: ${said}\n${said}`])).toEqual([
      issue,
      issue,
    ]);
  });

  it("is told of a key beside the specification by its name", () => {
    const said =
      "error  spilo:s3AccessKey: is set, but x is not\n       One makes its own.\n       Remove it.";
    expect(refusalsIn([said])).toEqual([
      { path: "spilo:s3AccessKey", message: "is set, but x is not", remedy: "One makes its own. Remove it." },
    ]);
  });

  it("is nothing that others say", () => {
    expect(
      refusalsIn(["error: Cannot connect to the Docker daemon", "error: spilo: no such plugin"]),
    ).toEqual([]);
  });

  it.each(["rename", "bucket", "zone", "mistake"])("is what stops the recorded change: %s", (name) => {
    const refusals = refusalsIn(recorded(name).errors);
    expect(refusals).toHaveLength(1);
    expect(recordedChange(name).change.refusals).toEqual(refusals);
  });
});
