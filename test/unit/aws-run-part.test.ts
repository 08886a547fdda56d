import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { root } from "../../toolchain/paths.ts";

let folder: string;
const at = (...names: readonly string[]) => join(folder, ...names);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "spilo-run-part-"));
  for (const name of ["lib", "bin"]) mkdirSync(at(name));
  copyFileSync(join(root, "templates", "aws", "run-part.py"), at("lib", "run-part"));
  program("lib/aws-call", `[[ $1 == secret ]] && cat ${folder}/$2`);
  program(
    "bin/docker",
    `printf '%s\\n' "$@" >>${at("did")}; [[ $1 == run ]] && echo "$SPILO_CONFIGURATION" >${at("told")}; exit 0`,
  );
  part({});
  secret("files", {
    "ca.crt": { content: "CA\n", mode: 0o644 },
    "tls.key": { content: "KEY\n", mode: 0o600 },
  });
  secret("environment", { SCOPE: "orders", SPILO_CONFIGURATION: "a: 1\nb: 'two words'" });
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function program(path: string, does: string): void {
  writeFileSync(at(path), `#!/bin/bash\n${does}\n`, { mode: 0o755 });
}

function part(change: object): void {
  const { uid, gid } = statSync(folder);
  const told = {
    ...{ name: "orders-1-a", image: "spilo:1", arguments: ["--rm"], command: [], reload: ["sv", "hup"] },
    ...{ owner: { uid, gid }, watchdog: true },
    files: { folder: at("identity"), secret: "files" },
    environment: { secret: "environment", version: "version-1" },
  };
  writeFileSync(at("part.json"), JSON.stringify({ ...told, ...change }));
}

const secret = (name: string, document: object) => writeFileSync(at(name), JSON.stringify(document));
const did = () => (existsSync(at("did")) ? readFileSync(at("did"), "utf8").trim().split("\n") : []);
const modeOf = (name: string) => statSync(at("identity", name)).mode & 0o777;

function run(verb: "start" | "files", more: Readonly<Record<string, string>> = {}) {
  const env = {
    ...process.env,
    PATH: `${at("bin")}:${process.env["PATH"]}`,
    PULUMI_SPILO_PART: at("part.json"),
    PULUMI_SPILO_WATCHDOG: at("watchdog"),
    ...more,
  };
  const { status, stderr } = spawnSync("python3", [at("lib", "run-part"), verb], { env, encoding: "utf8" });
  return { status, stderr };
}

describe("a part that starts", () => {
  it("has its files, for its own user where they are secret, and its environment, of several lines or not", () => {
    expect(run("start")).toEqual({ status: 0, stderr: "" });
    expect([modeOf("ca.crt"), modeOf("tls.key")]).toEqual([0o644, 0o600]);
    expect(readFileSync(at("identity", "tls.key"), "utf8")).toBe("KEY\n");
    expect(readFileSync(at("told"), "utf8")).toBe("a: 1\nb: 'two words'\n");
  });

  it("has the container that it is told, and no value in a command line", () => {
    run("start");
    expect(did()).toEqual(["run", "--rm", "--env=SCOPE", "--env=SPILO_CONFIGURATION", "spilo:1"]);
  });

  it("has the watchdog, where there is one", () => {
    writeFileSync(at("watchdog"), "");
    run("start");
    expect(did()).toContain(`--device=${at("watchdog")}:/dev/watchdog`);
  });

  it("has none when it makes no use of one", () => {
    part({ watchdog: false });
    writeFileSync(at("watchdog"), "");
    run("start");
    expect(did().filter((word) => word.startsWith("--device"))).toEqual([]);
  });

  it("needs no environment when it is told of none", () => {
    part({ environment: undefined });
    rmSync(at("environment"));
    expect(run("start")).toEqual({ status: 0, stderr: "" });
    expect(did()).toEqual(["run", "--rm", "spilo:1"]);
  });

  it("does not start without its secrets, and says so", () => {
    rmSync(at("environment"));
    const { status, stderr } = run("start");
    expect(status).toBe(1);
    expect(stderr).toContain("error: orders-1-a: its secret cannot be read, so it does not start");
    expect(did()).toEqual([]);
  });
});

describe("a part that runs", () => {
  it("takes up files that are others, once", () => {
    run("start");
    rmSync(at("did"));
    expect(run("files")).toEqual({ status: 0, stderr: "" });
    expect(did()).toEqual([]);
    secret("files", {
      "ca.crt": { content: "CA\n", mode: 0o644 },
      "tls.key": { content: "NEW\n", mode: 0o600 },
    });
    expect(run("files").status).toBe(0);
    expect(did()).toEqual(["exec", "orders-1-a", "sv", "hup"]);
    expect(readFileSync(at("identity", "tls.key"), "utf8")).toBe("NEW\n");
    expect(modeOf("tls.key")).toBe(0o600);
  });

  it("is told of nothing when it reads them by itself", () => {
    part({ reload: [] });
    expect(run("files").status).toBe(0);
    expect(did()).toEqual([]);
  });
});
