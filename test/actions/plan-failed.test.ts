import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { exitCodeOf } from "../../actions/cli/plan.ts";
import { plan } from "../../actions/verbs/plan.ts";

const previews = fileURLToPath(new URL("../previews/", import.meta.url));

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "spilo-plan-failed-"));
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

/** A `pulumi` that prints a preview, and says and ends as it is told; it exports no state. */
async function pulumi(preview: string, end: string): Promise<void> {
  await writeFile(join(folder, "preview.json"), preview);
  const script = `[ "$1" = preview ] || { echo "error: not logged in" >&2; exit 255; }
cat ${join(folder, "preview.json")}
${end}`;
  await writeFile(join(folder, "pulumi"), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  vi.stubEnv("PATH", `${folder}${delimiter}${process.env["PATH"]}`);
}

const recordedText = (name: string) => readFile(join(previews, `${name}.json`), "utf8");

/** Of a stack of which nothing is there yet. */
const failed = (message: string) =>
  JSON.stringify({
    config: { "spilo:cluster": '{"name":"orders"}' },
    steps: [{ op: "create", urn: "urn:pulumi:prod::shop::pulumi:pulumi:Stack::shop-prod" }],
    diagnostics: [{ severity: "error", message }],
  });

describe("a preview that has failed is no plan", () => {
  it("also where no cluster is known: the program of a new stack does not compile", async () => {
    await pulumi(failed("error: TypeError: cluster is not a function"), "exit 1");
    await expect(plan({})).rejects.toThrow(/^there is no plan: the preview has failed\n.*TypeError/);
  });

  it("also where it was saved, and the state cannot be had", async () => {
    await pulumi("", "");
    const file = join(folder, "saved.json");
    await writeFile(file, failed("error: Cannot connect to the Docker daemon"));
    await expect(plan({ preview: file })).rejects.toThrow(/^there is no plan: .*\n.*Docker daemon/);
  });

  it("and where this project has refused it, that is what it says", async () => {
    const two =
      "error: error  spilo:cluster.members: 12\n       must be a whole number from 1 to 9.\n       Set members to 3.\n" +
      "error  spilo:cluster.postgresql.parameters.work_memm: unknown parameter\n       Did you mean work_mem?\n";
    await pulumi(failed(two), "exit 1");
    const report = await plan({});
    expect([exitCodeOf(report), report.stack, report.clusters[0]?.cluster]).toEqual([10, "prod", "orders"]);
    expect(report.verdict).toBe("`up` refuses it: members must be a whole number from 1 to 9, and one more");
    expect(report.clusters[0]?.looked).toEqual({ seen: false, why: "the cluster is not there yet" });
  });

  it("also without the state", async () => {
    await pulumi("", "");
    await copyFile(join(previews, "mistake.json"), join(folder, "saved.json"));
    const report = await plan({ preview: join(folder, "saved.json") });
    expect(exitCodeOf(report)).toBe(10);
    expect(report.verdict).toBe("`up` refuses it: postgresql.parameters.work_memm unknown parameter");
  });
});

describe("a preview that was cut off is no plan", () => {
  it("although its first steps can be read", async () => {
    await pulumi(await recordedText("reload"), 'echo "error: update canceled" >&2; exit 255');
    await expect(plan({})).rejects.toThrow(
      "there is no plan: the preview of the selected stack did not come to its end: update canceled",
    );
  });

  it("and one that came to its end is", async () => {
    await pulumi(await recordedText("reload"), "exit 0");
    await expect(plan({})).resolves.toMatchObject({ risk: "low" });
  });
});

describe("a preview of which nobody knows what is declared is no plan", () => {
  it("where there is no state, and the configuration is of another cluster", async () => {
    await pulumi("", "");
    const shown = JSON.parse(await recordedText("etcd-image"));
    for (const config of [{}, { "spilo:cluster": '{"name":"other"}' }]) {
      const file = join(folder, "saved.json");
      await writeFile(file, JSON.stringify({ ...shown, config }));
      await expect(plan({ preview: file })).rejects.toThrow(
        /^there is no plan: nobody says what is declared of cluster.*\n.*--show-sames.*--state/,
      );
      const report = await plan({ preview: file, state: join(previews, "state.json") });
      expect([report.risk, report.clusters[0]?.verdict]).toEqual([
        "low",
        "all three etcd voters are replaced; applications can write all the time",
      ]);
    }
  });
});

describe("the state beside a saved preview", () => {
  it("is that of the stack that the preview was made of", async () => {
    const script = `[ "$*" = "stack export --non-interactive --stack plan" ] && exec cat ${join(previews, "state.json")}\nexit 1`;
    await writeFile(join(folder, "pulumi"), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    vi.stubEnv("PATH", `${folder}${delimiter}${process.env["PATH"]}`);
    const preview = join(previews, "image.json");
    const unknown = async (stack?: string) => (await plan({ preview, stack })).clusters[0]?.unknown;
    expect(await unknown()).toEqual([]);
    expect(await unknown("prod")).toEqual([expect.stringContaining("the former specification")]);
  });
});
