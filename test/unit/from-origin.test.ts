import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { root } from "../../toolchain/paths.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "spilo-origin-"));
  writeFileSync(join(folder, "origin.env"), "WALG_S3_PREFIX=s3://b/p\nAWS_SECRET_ACCESS_KEY=a=b c=\n");
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** The image's script, which ends with one code after the other and notes what it was asked and told. */
function restoreCommand(...codes: readonly number[]): void {
  const script = `#!/bin/bash
echo "$* $WALG_S3_PREFIX $AWS_SECRET_ACCESS_KEY" >>${folder}/asked
codes=(${codes.join(" ")})
exit "\${codes[$(wc -l <${folder}/asked) - 1]}"
`;
  writeFileSync(join(folder, "restore_command.sh"), script, { mode: 0o755 });
}

function fromOrigin(...args: string[]) {
  const env = { ...process.env, ORIGIN_VARIABLES: `${folder}/origin.env`, SCRIPTS: folder, PAUSES: "0 0 0" };
  return spawnSync("bash", [join(root, "templates", "from-origin.sh"), ...args], { env, encoding: "utf8" });
}

const asked = () => readFileSync(join(folder, "asked"), "utf8").trim().split("\n");

describe("a WAL file of the archive that a cluster begins from", () => {
  it("is brought with the variables of that archive, as they are written", () => {
    restoreCommand(0);
    expect(fromOrigin("wal", "000000010000000000000003", "pg_wal/RECOVERYXLOG").status).toBe(0);
    expect(asked()).toEqual(["000000010000000000000003 pg_wal/RECOVERYXLOG s3://b/p a=b c="]);
  });

  it("that is not there ends the archive, without another question", () => {
    restoreCommand(74);
    expect(fromOrigin("wal", "000000010000000000000003", "path").status).toBe(1);
    expect(asked()).toHaveLength(1);
  });

  it("is asked for again when nobody answers", () => {
    restoreCommand(1, 124, 0);
    expect(fromOrigin("wal", "000000010000000000000003", "path").status).toBe(0);
    expect(asked()).toHaveLength(3);
  });

  it("ends the recovery, and not the archive, when nobody answers for long", () => {
    restoreCommand(1, 1, 1);
    expect(fromOrigin("wal", "000000010000000000000003", "path").status).toBe(255);
  });

  it.each([74, 1, 124])("is asked for once by who follows, and left alone when it ends with %i", (code) => {
    restoreCommand(code);
    expect(fromOrigin("follow", "000000010000000000000003", "path").status).toBe(1);
    expect(asked()).toEqual(["000000010000000000000003 path s3://b/p a=b c="]);
  });

  it("ends the recovery when the variables are not there", () => {
    restoreCommand(0);
    rmSync(join(folder, "origin.env"));
    expect(fromOrigin("wal", "000000010000000000000003", "path").status).toBe(255);
  });
});

it("brings a base backup by the image's own script", () => {
  const script = 'import os, sys; print(sys.argv[1:], os.environ["WALG_S3_PREFIX"])';
  writeFileSync(join(folder, "clone_with_wale.py"), script);
  const { stdout, status } = fromOrigin("base", "--recovery-target-time=x", "--scope=orders");
  expect({ stdout, status }).toEqual({
    stdout: "['--recovery-target-time=x', '--scope=orders'] s3://b/p\n",
    status: 0,
  });
});
