import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { root } from "../../toolchain/paths.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "spilo-aws-install-"));
});

afterEach(() => rmSync(folder, { recursive: true }));

const wanted = ["docker", "apparmor_parser", "curl", "python3", "mkfs.ext4"];
const others = ["apt-get", "systemctl", "usermod", "id", "modprobe", "sleep"];

/** Runs it on a machine that has these programs, each of which only notes how it was called, and these images. */
async function install(
  programs: readonly string[],
  { images = ["spilo:1"], agent = "no" }: { images?: readonly string[]; agent?: "yes" | "no" } = {},
) {
  const [calls, node] = [join(folder, "calls"), join(folder, "node.env")];
  writeFileSync(node, `SSM_AGENT=${agent}\nREGION=eu-central-1\nS3_URL=https://s3.example\n`);
  for (const name of [...programs, ...others]) {
    const says = name === "python3" ? "echo spilo:1" : "";
    const has = name === "docker" ? `[[ $1 != image || " ${images.join(" ")} " == *" $3 "* ]]` : "";
    const text = `#!/bin/bash\necho "${name} $*" >>${calls}\n${says}\n${has}\n`;
    writeFileSync(join(folder, name), text, { mode: 0o755 });
  }
  const script = join(root, "templates", "aws", "install.sh");
  const { exitCode } = await execa("/bin/bash", [script], {
    env: { PATH: folder, PULUMI_SPILO_NODE: node },
    extendEnv: false,
    reject: false,
  });
  return { exitCode, calls: readFileSync(calls, "utf8").trim().split("\n") };
}

describe("what a machine installs", () => {
  it("is nothing where all of it is there", async () => {
    const { exitCode, calls } = await install(wanted);
    expect(exitCode).toBe(0);
    expect(calls.filter((call) => /^apt-get|docker pull/.test(call))).toEqual([]);
    expect(calls.at(-1)).toBe(
      "systemctl enable --now --no-block pulumi-spilo.service pulumi-spilo-refresh.timer",
    );
  });

  it.each(wanted.filter((name) => name !== "python3" && name !== "docker"))(
    "is all of it where only %s is missing",
    async (missing) => {
      const { calls } = await install(wanted.filter((name) => name !== missing));
      expect(calls.filter((call) => call.startsWith("apt-get"))).toEqual([
        "apt-get update -q",
        "apt-get install -q -y --no-install-recommends docker.io apparmor curl python3 e2fsprogs ca-certificates",
      ]);
    },
  );

  it("is its image where that is not there", async () => {
    const { calls } = await install(wanted, { images: ["another:1"] });
    expect(calls).toContain("docker pull --quiet spilo:1");
  });

  it("is the agent of Systems Manager, where sessions are to lead there", async () => {
    const { exitCode, calls } = await install(wanted, { agent: "yes" });
    expect(exitCode).toBe(0);
    expect(calls.slice(-2)).toEqual([
      "systemctl cat amazon-ssm-agent",
      "systemctl enable --now amazon-ssm-agent",
    ]);
  });
});
