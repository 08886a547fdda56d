import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { containerRuns } from "../../actions/engine/container-runs.ts";
import { engineClient } from "../../actions/engine/engine-client.ts";
import { memoryLimitOf } from "../../actions/engine/memory-limit.ts";
import { engineAddress } from "../../cluster/placement/engine-address.ts";

let folder: string;
let server: Server | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "engine-client-"));
});

afterEach(async () => {
  vi.unstubAllEnvs();
  server?.close();
  await rm(folder, { recursive: true });
});

describe("an engine's client", () => {
  it("refuses a text that names no engine, and says what would", async () => {
    await expect(engineClient("db-a")).rejects.toThrow(/db-a is no engine's address: write unix:/);
  });

  it("asks the engine that is named, whatever the environment says", async () => {
    const socket = await anEngine();
    vi.stubEnv("DOCKER_HOST", "tcp://nobody.invalid:1");
    vi.stubEnv("DOCKER_TLS_VERIFY", "1");
    vi.stubEnv("DOCKER_CLIENT_TIMEOUT", "1");
    expect(await (await engineClient(`unix://${socket}`)).version()).toEqual({ Version: "1" });
  });

  it("says which of the certificates is missing, of which engine, and what to do", async () => {
    await writeFile(join(folder, "ca.pem"), "");
    await writeFile(join(folder, "key.pem"), "");
    const asked = engineClient(engineAddress("tcp://10.1.0.10:2376", folder));
    await expect(asked).rejects.toMatchObject({ name: "ActionError", code: "failed" });
    await expect(asked).rejects.toThrow(
      new RegExp(`tcp://10.1.0.10:2376: ${folder}/cert.pem: .*placement\\.zones\\[\\]\\.certificates`),
    );
  });

  it("knows a container that is not there from an engine that does not answer", async () => {
    const engine = `unix://${await anEngine()}`;
    expect(await containerRuns(engine, "gone")).toBe(false);
    expect(await memoryLimitOf(engine, "gone")).toBeUndefined();
    await expect(containerRuns(`unix://${folder}/none.sock`, "gone")).rejects.toMatchObject({
      code: "unreachable",
    });
  });
});

describe("an engine behind ssh", () => {
  it("is asked through the machine's ssh, which joins its pipes with the engine's socket", async () => {
    const socket = await anEngine();
    const join = `const s = require("net").connect("${socket}"); process.stdin.pipe(s); s.pipe(process.stdout)`;
    await sshIs(`printf '%s\\n' "$@" > ${folder}/words; exec "${process.execPath}" -e '${join}'`);
    const engine = await engineClient("ssh://ops@db-a:2222/run/it's.sock");
    expect(await engine.version()).toEqual({ Version: "1" });
    const words = (await readFile(`${folder}/words`, "utf8")).trim().split("\n");
    expect(words).toContain("BatchMode=yes");
    const own = ["-l", "ops", "-p", "2222", "--", "db-a"];
    const there = ["docker", "--host", "'unix:///run/it'\\''s.sock'", "system", "dial-stdio"];
    expect(words.slice(-11)).toEqual([...own, ...there]);
  });

  it("is no option of ssh, whatever it is called", async () => {
    await sshIs(`printf '%s\\n' "$@" > ${folder}/words; exit 255`);
    const engine = await engineClient("ssh://-oProxyCommand=x");
    await expect(engine.ping()).rejects.toThrow();
    const words = (await readFile(`${folder}/words`, "utf8")).trim().split("\n");
    expect(words.slice(-5)).toEqual(["--", "-oProxyCommand=x", "docker", "system", "dial-stdio"]);
  });

  it("fails with the last that ssh says", async () => {
    await sshIs("echo 'Warning: added' >&2; printf 'ops@db-a: Permission denied.\\r\\n' >&2; exit 255");
    const engine = await engineClient("ssh://ops@db-a");
    await expect(engine.ping()).rejects.toThrow("ssh db-a: ops@db-a: Permission denied.");
  });

  it("fails with how ssh ended when it says nothing, and when there is none", async () => {
    await sshIs("exit 7");
    const engine = await engineClient("ssh://db-a");
    await expect(engine.ping()).rejects.toThrow("ssh db-a: it ended with 7");
    vi.stubEnv("PATH", "/nonexistent");
    await expect(engine.ping()).rejects.toThrow("ssh db-a: it does not start: spawn ssh ENOENT");
  });

  it("leaves no process when a request is given up", async () => {
    await sshIs(`echo $$ > ${folder}/new && mv ${folder}/new ${folder}/pid; exec sleep 60`);
    const engine = await engineClient("ssh://db-a");
    const up = new AbortController();
    const asked = engine.listContainers({ abortSignal: up.signal });
    const pid = await vi.waitFor(async () => Number(await readFile(`${folder}/pid`, "utf8")));
    expect(runs(pid)).toBe(true);
    up.abort(new Error("enough"));
    await expect(asked).rejects.toThrow();
    await expect.poll(() => runs(pid)).toBe(false);
  });
});

/** What is found as `ssh`. */
async function sshIs(script: string): Promise<void> {
  await writeFile(join(folder, "ssh"), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  vi.stubEnv("PATH", `${folder}:${process.env["PATH"]}`);
}

/** An engine with a version and no containers. @returns its socket. */
async function anEngine(): Promise<string> {
  const socket = join(folder, "docker.sock");
  const listening = createServer((request, response) => {
    const known = request.url === "/version";
    response.writeHead(known ? 200 : 404, { "content-type": "application/json" });
    response.end(JSON.stringify(known ? { Version: "1" } : { message: "no such container" }));
  });
  server = listening;
  await new Promise<void>((resolve) => listening.listen(socket, resolve));
  return socket;
}

function runs(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
