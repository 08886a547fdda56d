import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { root } from "../../toolchain/paths.ts";
import { commandsOf, gitHubFiles, gitLabFile } from "../ci-files.ts";
import { testImage } from "../test-image.ts";
import { runIn } from "./container.ts";

beforeAll(() => testImage("ci"), 600_000);

const text = (file: string) => readFileSync(join(root, file), "utf8");

/** Holds files against the schema that is published for them, as the package check-jsonschema carries it. */
async function check(schema: "github-workflows" | "gitlab-ci", files: Readonly<Record<string, string>>) {
  const transform = schema === "gitlab-ci" ? "--data-transform gitlab-ci" : "";
  const script = `check-jsonschema ${transform} --builtin-schema vendor.${schema} ${Object.keys(files).join(" ")}`;
  return await runIn({ image: "ci", files, script });
}

describe("the files of examples/ci", () => {
  it("for GitHub Actions are as the schema of workflows has it", async () => {
    const files = Object.fromEntries(gitHubFiles.map((file) => [`/checked/${file}`, text(file)]));
    expect(Object.keys(files)).toHaveLength(3);
    expect(await check("github-workflows", files)).toMatchObject({ exitCode: 0 });
  });

  it("for GitLab CI are as the schema of pipelines has it", async () => {
    expect(await check("gitlab-ci", { "/checked/gitlab-ci.yml": text(gitLabFile) })).toMatchObject({
      exitCode: 0,
    });
  });

  it("would not be, with a key that neither knows", async () => {
    const [workflow = ""] = gitHubFiles.map(text);
    const misspelt = workflow.replace("runs-on:", "run-on:");
    const gitHub = await check("github-workflows", { "/checked/workflow.yml": misspelt });
    expect(gitHub.exitCode).toBe(1);
    expect(gitHub.output).toContain("run-on");
    const wrong = text(gitLabFile).replace("when: manual", "when: perhaps");
    const gitLab = await check("gitlab-ci", { "/checked/gitlab-ci.yml": wrong });
    expect(gitLab.exitCode).toBe(1);
    expect(gitLab.output).toContain("perhaps");
  });

  it("have nothing in their commands that shellcheck knows to be wrong", async () => {
    const commands = [...gitHubFiles, gitLabFile].flatMap((file) => commandsOf(file));
    expect(commands.length).toBeGreaterThan(15);
    const files = Object.fromEntries(
      commands.map((line, at) => [`/checked/${at}.sh`, `#!/bin/bash\n${line}\n`]),
    );
    expect(await runIn({ image: "ci", files, script: "shellcheck /checked/*" })).toEqual({
      exitCode: 0,
      output: "",
    });
  });
});
