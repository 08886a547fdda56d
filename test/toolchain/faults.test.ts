import { chmod, copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, expect, it } from "vitest";
import { root } from "../../toolchain/paths.ts";
import { calling, inChild } from "./child.ts";

let scratch: string;

beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), "spilo-faults-"));
  await chmod(scratch, 0o755);
});

afterEach(async () => {
  await rm(scratch, { recursive: true, force: true });
});

/** A folder for the front of PATH in which `name` is a script of ours. */
async function pathWith(name: string, script: string): Promise<string> {
  const bin = join(scratch, "bin");
  await mkdir(bin, { recursive: true });
  await writeFile(join(bin, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return `${bin}${delimiter}${process.env["PATH"]}`;
}

it("names the Node that is too old, and what to do", async () => {
  const PATH = await pathWith("node", 'case "$*" in *split*) echo 18 ;; *) echo 18.20.4 ;; esac');
  const { exitCode, output } = await inChild(["./run", "help"], { PATH });
  expect(exitCode).toBe(1);
  expect(output).toBe(
    "error  node: version 18.20.4\n       Node.js 20 or newer is needed.\n       Install a newer one and put it first on PATH.",
  );
});

it("gives a package registry that hangs 5 s, then says so", async () => {
  const { server, port } = await silentServer();
  const registry = `http://127.0.0.1:${port}/`;
  for (const file of ["run", "package.json", "package-lock.json", ".npmrc"]) {
    await copyFile(join(root, file), join(scratch, file));
  }
  const began = performance.now();
  const { exitCode, output } = await inChild([join(scratch, "run"), "help"], {
    npm_config_registry: registry,
  });
  server.close();
  expect(exitCode).toBe(1);
  expect(output).toContain(`error  npm registry: no answer within 5 s (${registry})`);
  expect(output).toContain("Check the network or the proxy, or set npm_config_registry to a mirror");
  expect(performance.now() - began).toBeLessThan(15_000);
});

it("names the Go that is too old for building the tools", async () => {
  const PATH = await pathWith("go", "echo go1.19.8");
  const { exitCode, output } = await inChild(calling("go.ts", 'ensureGo("the Pulumi CLI")'), { PATH });
  expect(exitCode).toBe(1);
  expect(output).toContain(
    "error  go: version go1.19.8\n       the Pulumi CLI cannot be downloaded from here",
  );
  expect(output).toContain("Install a newer Go");
});

it("says who may use Docker when the user has no rights on its socket", async () => {
  const child = calling("engine.ts", "ensureEngine(() => undefined)");
  const { exitCode, output } = await inChild(
    ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", ...child],
    { SPILO_RUN_DIR: scratch, HOME: scratch },
  );
  expect(exitCode).toBe(1);
  expect(output).toContain("error  docker: no rights on /var/run/docker.sock");
  expect(output).toContain("usermod -aG docker");
});

it("shows the last complaint of an engine that cannot be started", async () => {
  const fake = join(scratch, "dockerd");
  await writeFile(fake, '#!/bin/sh\necho level=fatal msg=\\"no space for layers\\"\nexit 1\n', {
    mode: 0o755,
  });
  // A mount namespace of its own, in which the engine's socket is hidden and dockerd is the script above.
  const hide = `mount -t tmpfs none /run && mount --bind ${fake} $(command -v dockerd) && exec "$@"`;
  const child = calling("engine.ts", "ensureEngine(() => undefined)");
  const { exitCode, output } = await inChild(["unshare", "--mount", "sh", "-c", hide, "sh", ...child], {
    SPILO_RUN_DIR: scratch, // or the log and process id of the engine that runs would be lost
  });
  expect(output).toContain("error  docker: the engine could not be started");
  expect(output).toContain("no space for layers");
  expect(exitCode).toBe(1);
});

it("names a DOCKER_HOST at which nothing answers", async () => {
  const { output } = await inChild(calling("engine.ts", "ensureEngine(() => undefined)"), {
    DOCKER_HOST: "tcp://127.0.0.1:9",
  });
  expect(output).toContain("error  DOCKER_HOST: tcp://127.0.0.1:9\n       no engine answers there.");
});

it("does not replace a lost passphrase while a state needs it", async () => {
  await mkdir(join(scratch, "state", ".pulumi", "stacks"), { recursive: true });
  const { exitCode, output } = await inChild(calling("backend.ts", "ensureBackend()"), {
    SPILO_RUN_DIR: scratch,
    HOME: scratch,
  });
  expect(exitCode).toBe(1);
  expect(output).toContain(`error  passphrase file lost: ${join(scratch, "passphrase")}`);
  expect(output).toContain("./run down --forget");
});

it("refuses a second run beside the first, and takes over from a killed one", async () => {
  const script =
    'exclusively("up", async () => { console.log("in"); await new Promise((r) => setTimeout(r, 20_000)); })';
  const env = { SPILO_RUN_DIR: scratch };
  const [program = "", ...args] = calling("run-lock.ts", script);
  const first = execa(program, args, { env, reject: false });
  await new Promise((resolve) => first.stdout?.once("data", resolve));
  const quick = calling("run-lock.ts", 'exclusively("down", async () => "done")');
  const second = await inChild(quick, env);
  expect(second.output).toContain(`error  ./run up is at work here already (process ${first.pid})`);
  first.kill("SIGKILL");
  await first;
  expect(await inChild(quick, env)).toEqual({ exitCode: 0, output: '"done"' });
});

it("leaves nothing half-made when it is killed while it makes a tool", async () => {
  const target = join(scratch, "tool");
  const slow = `makeAtomically(${JSON.stringify(target)}, ${JSON.stringify(join(scratch, "tmp"))}, async (path) => {
    await (await import("node:fs/promises")).writeFile(path, "half");
    console.log("half");
    await new Promise((r) => setTimeout(r, 20_000));
  })`;
  const [program = "", ...args] = calling("atomic.ts", slow);
  const killed = execa(program, args, { reject: false });
  await new Promise((resolve) => killed.stdout?.once("data", resolve));
  killed.kill("SIGKILL");
  await killed;
  expect((await inChild(["cat", target], {})).exitCode).not.toBe(0);
  const whole = slow.replace("half", "whole").replace("20_000", "0");
  await inChild(calling("atomic.ts", whole), {});
  expect((await inChild(["cat", target], {})).output).toBe("whole");
});

/** Accepts connections and never says a word. */
async function silentServer(): Promise<{ server: Server; port: number }> {
  const server = createServer(() => undefined);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  server.unref();
  return { server, port: address.port };
}
