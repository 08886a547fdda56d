/** The plugin as a process, and how it reaches an engine. */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:https";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { readConfiguration } from "../../toolchain/docker-plugin/configuration.ts";
import { openEngine } from "../../toolchain/docker-plugin/engine.ts";
import type { Properties } from "../../toolchain/docker-plugin/values.ts";
import { openBench, secret } from "./bench.ts";
import { docker } from "./leftovers.ts";
import { PLUGIN } from "./names.ts";
import { PluginFailure, startPlugin } from "./plugin-client.ts";

const bench = openBench("plugin");

describe("configuration", () => {
  const signal = new AbortController().signal;
  /** The error, or the engine's version of its interface. */
  const opening = async (args: Properties, env: NodeJS.ProcessEnv = {}): Promise<string> => {
    const opened = (async () => (await openEngine(readConfiguration(args, env), signal)).api)();
    return await opened.catch((error: Error) => error.message);
  };
  const host = process.env["DOCKER_HOST"] ?? "unix:///var/run/docker.sock";

  it.each([
    ["host", { host: "unix:///nowhere.sock" }, {}],
    ["DOCKER_HOST", {}, { DOCKER_HOST: "unix:///nowhere.sock" }],
  ])("a dead engine fails it: %s", async (_from, args, env) => {
    expect(await opening(args, env)).toBe(
      "Error pinging Docker server, please make sure that unix:///nowhere.sock is reachable and has a '_ping' endpoint. " +
        "Error: Cannot connect to the Docker daemon at unix:///nowhere.sock. Is the docker daemon running?",
    );
  });

  it("host goes before DOCKER_HOST", async () => {
    expect(await opening({ host }, { DOCKER_HOST: "unix:///nowhere.sock" })).toMatch(/^1\.\d+$/);
  });

  it("arrives with secrets, and with JSON inside texts", async () => {
    const other = await startPlugin();
    const args = {
      host,
      registryAuth: '[{"address":"registry.test"}]',
      sshOpts: '["-v"]',
      keyMaterial: secret("x"),
    };
    await expect(other.configure(args)).rejects.toThrow("cert_material, and key_material must be specified");
    await other.stop();
  });

  it("of a dead engine need not be asked for", async () => {
    const args = { host: "unix:///nowhere.sock", disableDockerDaemonCheck: "true" };
    expect(await opening(args)).toMatch(/^1\.\d+$/);
  });

  it.each([
    [{ hots: "x" }, "'hots' is not known"],
    [{ context: "x" }, "'context' is not served"],
    [{ host: "npipe://x" }, "it must begin with unix://, tcp:// or ssh://"],
    [{ certMaterial: "x", keyMaterial: "y", certPath: "/z" }, "cert_path must not be specified"],
  ])("%o is refused", async (args, reason) => {
    expect(await opening(args)).toContain(reason);
  });

  it("an ssh host is reached through the ssh command, with its options", async () => {
    const socket = host.replace("unix://", "");
    const dial = `const s = require("node:net").connect("${socket}"); process.stdin.pipe(s).pipe(process.stdout);`;
    const script = `#!/bin/sh\necho "$@" > ${bench.folder}/ssh.args\nexec "${process.execPath}" -e '${dial}'\n`;
    await writeFile(join(bench.folder, "ssh"), script, { mode: 0o755 });
    const other = await startPlugin({ ...process.env, PATH: `${bench.folder}:${process.env["PATH"]}` });
    await other.configure({ host: "ssh://me@there:2222", sshOpts: ["-v"] });
    const made = await other.create("volume", { name: `${bench.prefix}over-ssh` });
    await other.remove("volume", made);
    await other.stop();
    expect(await readFile(`${bench.folder}/ssh.args`, "utf8")).toBe(
      "-v -l me -p 2222 there -- docker system dial-stdio\n",
    );
  });

  it("a tcp host is reached with the certificates that are given, and not without", async () => {
    const { certificate, key } = await selfSigned(bench.folder);
    const server = createServer(
      { cert: certificate, key, ca: certificate, requestCert: true },
      (_request, response) => response.setHeader("api-version", "1.39").end("OK"),
    );
    await once(server.listen(0, "127.0.0.1"), "listening");
    const address = server.address();
    const host = `tcp://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
    const certificates = { caMaterial: certificate, certMaterial: certificate, keyMaterial: key };
    expect(await opening({ host, ...certificates })).toBe("1.39");
    await Promise.all([
      writeFile(join(bench.folder, "ca.pem"), certificate),
      writeFile(join(bench.folder, "cert.pem"), certificate),
      writeFile(join(bench.folder, "key.pem"), key),
    ]);
    expect(await opening({ host, certPath: bench.folder })).toBe("1.39");
    expect(await opening({ host })).toContain("Error pinging Docker server");
    server.close();
  });
});

/** A certificate for 127.0.0.1 that is its own authority. */
async function selfSigned(into: string): Promise<{ readonly certificate: string; readonly key: string }> {
  const [key, certificate] = [join(into, "self.key"), join(into, "self.pem")];
  const names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"];
  const kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1"];
  await promisify(execFile)("openssl", [
    "req",
    "-x509",
    ...kind,
    ...names,
    "-keyout",
    key,
    "-out",
    certificate,
  ]);
  return { certificate: await readFile(certificate, "utf8"), key: await readFile(key, "utf8") };
}

describe("process", () => {
  it("starts through links and from any folder", async () => {
    const link = join(bench.folder, "pulumi-resource-docker");
    await symlink(PLUGIN, link);
    const linked = await startPlugin(process.env, [link]);
    await linked.configure({});
    await linked.stop();
    expect(linked.process.signalCode ?? linked.process.exitCode).toBe("SIGTERM");
  });

  it("finishes what is under way when the Pulumi engine is killed, and then ends", async () => {
    const shell = `"${PLUGIN}" & echo $! > ${bench.folder}/pid; wait`;
    const orphan = await startPlugin(process.env, ["sh", "-c", shell]);
    await orphan.configure({});
    const healthcheck = { tests: ["CMD-SHELL", "test -e /late"], interval: "250ms" };
    const script = "sleep 2; touch /late; exec sleep 600";
    const making = orphan.create("container", {
      ...bench.idle("orphaned", { wait: true, healthcheck }),
      command: ["sh", "-c", script],
    });
    orphan.process.kill("SIGKILL");
    expect((await making).id).toMatch(/^[0-9a-f]{64}$/);
    await expect.poll(() => isAlive(join(bench.folder, "pid")), { timeout: 5000 }).toBe(false);
  });

  it("ends a wait when the update is cancelled", async () => {
    const healthcheck = { tests: ["CMD", "false"], interval: "1s" };
    const cancelled = await startPlugin();
    await cancelled.configure({});
    const making = cancelled
      .create("container", bench.idle("cancelled", { wait: true, healthcheck }))
      .catch((error) => error);
    await expect
      .poll(() => docker.listContainers({ filters: { name: [`${bench.prefix}cancelled`] } }), {
        timeout: 15_000,
      })
      .toHaveLength(1);
    await cancelled.cancel();
    expect(await making).toBeInstanceOf(PluginFailure);
    await cancelled.stop();
  });
});

async function isAlive(pidFile: string): Promise<boolean> {
  const kill = spawn("sh", ["-c", `kill -0 "$(cat ${pidFile})" 2>/dev/null`]);
  return await new Promise((resolve) => kill.on("exit", (code) => resolve(code === 0)));
}
