import { chmod, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { createServer, type RequestListener, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { runCli } from "../../actions/cli/program.ts";
import { zones } from "../../actions/cli/zones.ts";
import { probeZones } from "../../actions/verbs/probe-zones.ts";
import { close, listen } from "../provider/local-server.ts";
import { access } from "../provider/test-access.ts";

let folder: string;
const servers: Server[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "spilo-zones-"));
  await writeFile(join(folder, "Pulumi.yaml"), "name: orders\nruntime: nodejs\n");
});

afterEach(async () => {
  vi.unstubAllEnvs();
  for (const server of servers.splice(0)) await close(server);
  await rm(folder, { recursive: true, force: true });
});

/** An engine on a unix socket that runs nothing, unless it answers otherwise. */
async function engine(name: string, answer: RequestListener = (_, response) => response.end("[]")) {
  const server = createServer(answer);
  servers.push(server);
  const socket = join(folder, `${name}.sock`);
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  return `unix://${socket}`;
}

/** A port on which nobody listens any more. */
async function nobody(): Promise<string> {
  const server = createServer();
  const url = await listen(server);
  await close(server);
  return url.replace("http:", "tcp:");
}

/** An engine that can be reached by TCP, without TLS. */
async function overTcp(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  servers.push(server);
  return (await listen(server)).replace("http:", "tcp:");
}

interface Zone {
  readonly host: string;
  readonly more?: readonly string[];
}

const file = () => join(folder, "Pulumi.prod.yaml");

/** A stack with these zones, a comment behind each host. */
async function declare(declared: Readonly<Record<string, Zone>>): Promise<string> {
  const list = Object.entries(declared).map(([name, { host, more = [] }], index) =>
    [`- name: ${name}`, `  host: ${host} # in town`, `  address: 10.1.0.${index + 1}`, ...more]
      .map((line) => `        ${line}\n`)
      .join(""),
  );
  const text = `config:
  # what we run
  spilo:cluster:
    name: orders
    placement:
      mode: cross-zone
      fallbackToSameZone: true
      zones:
${list.join("")}`;
  await writeFile(file(), text);
  return text;
}

const probe = (write = false) => probeZones({ stack: "prod", folder, write, askMs: 1000 });

async function spiloctl(...argv: string[]) {
  const [out, err]: [string[], string[]] = [[], []];
  const exitCode = await runCli(argv, [zones({ folder })], {
    out: (text) => out.push(text),
    err: (text) => err.push(text),
    isTerminal: false,
    onInterrupt: () => () => undefined,
    open: () => Promise.reject(new Error("no outputs are read")),
    exit: () => undefined,
  });
  return { exitCode, out: out.join(""), err: err.join("") };
}

describe("zones that are as they are declared", () => {
  it("end with 0, and leave the configuration alone", async () => {
    const text = await declare({
      a: { host: await engine("a") },
      b: { host: await nobody(), more: ["  available: false"] },
      w: { host: await engine("w"), more: ["  witness: true"] },
    });
    const { exitCode, out } = await spiloctl("zones", "probe", "--stack", "prod", "--write");
    expect(exitCode).toBe(0);
    expect(out).toMatch(/^ {2}a +unix:.* available +answers$/m);
    expect(out).toMatch(/^ {2}b +tcp:.* not available +silent: connect ECONNREFUSED/m);
    expect(out).toMatch(/^ {2}w \(witness\) +unix:.* answers$/m);
    expect(out).toContain("all zones are as Pulumi.prod.yaml declares them");
    expect(await readFile(file(), "utf8")).toBe(text);
  });
});

it("zones on AWS have no engine to ask: nobody is asked, and nothing is written", async () => {
  const declared = await declare({ a: { host: await engine("a") } });
  const text = declared.replace("    name: orders", "    name: orders\n    platform: aws");
  await writeFile(file(), text);
  const { exitCode, err } = await spiloctl("zones", "probe", "--stack", "prod", "--write");
  expect(exitCode).toBe(3);
  expect(err).toContain("prod is on AWS, where a zone has no engine that could be asked");
  expect(await readFile(file(), "utf8")).toBe(text);
});

describe("zones that are not", () => {
  /** b is gone, c is back, the witness is gone. */
  async function differing(): Promise<string> {
    return await declare({
      a: { host: await engine("a") },
      b: { host: await nobody() },
      c: { host: await engine("c"), more: ["  available: false # since May"] },
      w: { host: await nobody(), more: ["  witness: true"] },
    });
  }

  it("are told with an exit code of their own, and with what would be written", async () => {
    const text = await differing();
    const { exitCode, out } = await spiloctl("zones", "probe", "--stack", "prod");
    expect(exitCode).toBe(9);
    expect(out).toMatch(/^ {2}b .* available: false +silent: /m);
    expect(out).toMatch(/^ {2}c .* available: true +answers$/m);
    expect(out).toContain("zones b, c and w are not as declared; `spiloctl zones probe --write` changes");
    expect(await readFile(file(), "utf8")).toBe(text);
  });

  it("are written, and nothing else of the file changes", async () => {
    const text = await differing();
    const { exitCode, out } = await spiloctl("zones", "probe", "--stack", "org/orders/prod", "--write");
    expect(exitCode).toBe(0);
    const lines = (await readFile(file(), "utf8")).split("\n");
    expect(lines).toContain("          available: true # since May");
    const former = text.replace("          available: false # since May\n", "").split("\n");
    expect(lines.filter((line) => !line.includes("available:"))).toEqual(former);
    expect(lines.filter((line) => line === "          available: false")).toHaveLength(2);
    expect(out).toContain("  written to Pulumi.prod.yaml:\n");
    expect(out).toMatch(/^ +\d+ - +available: false # since May\n +\+ +available: true # since May\n/m);
    expect((await spiloctl("zones", "probe", "--stack", "prod")).exitCode).toBe(0);
    expect((await readdir(folder)).filter((name) => name.endsWith(".new"))).toEqual([]);
  });

  it("come with what a preview will then show", async () => {
    await differing();
    const { outlook } = await probe();
    // The first voter of c goes back to it, and what stood in b has nowhere to stay.
    expect(outlook).toMatchObject({ kind: "parts" });
    const { dropped, made } = outlook?.kind === "parts" ? outlook : { dropped: [], made: [] };
    expect(dropped).toContain("orders-2-b");
    expect(made).toContain("orders-3-c");
    const { out } = await spiloctl("zones", "probe", "--stack", "prod");
    expect(out).toMatch(
      /`pulumi preview` would then show:\n {4}dropped, their engine unasked: +.*orders-2-b/,
    );
  });

  it("come with the refusal, where a preview will refuse it", async () => {
    const text = await declare({ a: { host: await engine("a") }, b: { host: await nobody() } });
    await writeFile(file(), text.replace("mode: cross-zone", "mode: crosszone"));
    const wrong = await spiloctl("zones", "probe", "--stack", "prod");
    expect([wrong.exitCode, wrong.err]).toEqual([1, expect.stringContaining("spilo:cluster.placement.mode")]);
    await writeFile(file(), text.replace("name: orders\n", "name: orders\n    members: 12\n"));
    const { out } = await spiloctl("zones", "probe", "--stack", "prod", "--write");
    expect(out).toMatch(/`pulumi preview` will refuse it:\n +error {2}spilo:cluster\.members: 12/);
    expect(await readFile(file(), "utf8")).toContain("          available: false\n");
  });

  it("are a report for programs", async () => {
    await differing();
    const { exitCode, out } = await spiloctl("zones", "probe", "--stack", "prod", "--json");
    expect(exitCode).toBe(9);
    expect(JSON.parse(out)).toMatchObject({
      ...{ stack: "prod", file: file(), written: false },
      zones: [
        { name: "a", answers: true, reason: null, declared: true, toWrite: null },
        { name: "b", answers: false, declared: true, toWrite: false },
        { name: "c", answers: true, declared: false, toWrite: true },
        { name: "w", witness: true, answers: false, toWrite: false },
      ],
    });
  });
});

describe("an engine", () => {
  it("that takes connections and says nothing is silent when its time is over", async () => {
    await declare({ a: { host: await engine("a") }, b: { host: await overTcp(() => undefined) } });
    const { zones: found } = await probeZones({ stack: "prod", folder, askMs: 100 });
    expect(found[1]).toMatchObject({ answers: false, reason: expect.stringContaining("not within 0.1 s") });
  });

  it("that is there and refuses is not declared to be gone", async () => {
    const refusing: RequestListener = (_, response) => response.writeHead(403).end('{"message":"denied"}');
    const text = await declare({
      a: { host: await engine("a") },
      b: { host: await engine("b", refusing) },
      c: { host: await engine("c", (_, response) => response.end('{"hello":"world"}')) },
      d: { host: "tcp://127.0.0.1:2376", more: [`  certificates: ${folder}/none`] },
    });
    const { exitCode, out } = await spiloctl("zones", "probe", "--stack", "prod", "--write");
    expect(exitCode).toBe(9);
    expect(out).toMatch(/^ {2}b .* refuses: .*denied/m);
    expect(out).toMatch(/^ {2}c .* refuses: something answers that is no Docker engine$/m);
    expect(out).toMatch(/^ {2}d .* refuses: .*ca\.pem/m);
    expect(out).toContain("zones b, c and d: the engine is there and refuses.");
    expect(await readFile(file(), "utf8")).toBe(text);
  });

  it("that lets nobody in by ssh, or shows no certificate, is not gone either", async () => {
    const certificates = {
      "ca.pem": access.ca,
      "cert.pem": access.certificate,
      "key.pem": access.privateKey,
    };
    for (const [name, pem] of Object.entries(certificates)) await writeFile(join(folder, name), pem);
    await writeFile(join(folder, "ssh"), "#!/bin/sh\necho 'Permission denied (publickey).' >&2\nexit 255\n", {
      mode: 0o755,
    });
    vi.stubEnv("PATH", `${folder}:${process.env["PATH"]}`);
    const plain = await overTcp((_, response) => response.end("[]"));
    await declare({
      a: { host: await engine("a") },
      b: { host: "ssh://db-b" },
      c: { host: plain, more: [`  certificates: ${folder}`] },
    });
    const { zones: found } = await probe(true);
    expect(found.map(({ answers, toWrite }) => [answers, toWrite])).toEqual([
      [true, null],
      [null, null],
      [null, null],
    ]);
    expect(found[1]?.reason).toContain("Permission denied (publickey)");
  });

  it("is shown without the password in its address", async () => {
    vi.stubEnv("PATH", folder); // where no ssh is
    const zone = "- { name: b, host: 'ssh://me:hidden@db-b', address: 10.1.0.9 }";
    const text = await declare({ a: { host: await engine("a"), more: [zone] } });
    const { out } = await spiloctl("zones", "probe", "--stack", "prod", "--write", "--json");
    expect(out).toContain("ssh://me@db-b");
    expect(out).not.toContain("hidden");
    const changed = zone.replace(" }", ", available: false }");
    expect(await readFile(file(), "utf8")).toBe(text.replace(zone, changed));
  });
});

describe("nothing is written", () => {
  it("when no zone answers, as the prober is cut off then", async () => {
    const text = await declare({ a: { host: await nobody() }, b: { host: await nobody() } });
    const { exitCode, err } = await spiloctl("zones", "probe", "--stack", "prod", "--write");
    expect(exitCode).toBe(7);
    expect(err).toMatch(
      /no zone that holds data answers[\s\S]*zone a \(tcp:[\s\S]*zone b [\s\S]*Nothing was written/,
    );
    expect(await readFile(file(), "utf8")).toBe(text);
  });

  it("when a witness alone answers", async () => {
    const text = await declare({
      a: { host: await nobody() },
      w: { host: await engine("w"), more: ["  witness: true"] },
    });
    await expect(probe(true)).rejects.toThrow(/zone w \(.*\): answers, but holds no data/);
    expect(await readFile(file(), "utf8")).toBe(text);
  });

  it("when somebody has changed the file meanwhile", async () => {
    const late: RequestListener = (_, response) => {
      void writeFile(file(), "config: {}\n").then(() => response.end("[]"));
    };
    await declare({ a: { host: await engine("a", late) }, b: { host: await nobody() } });
    await expect(probe(true)).rejects.toThrow("has changed meanwhile\nNothing was written.");
    expect(await readFile(file(), "utf8")).toBe("config: {}\n");
  });
});

describe("the configuration of a stack", () => {
  it("is found from a folder below, where the program says, and behind a link", async () => {
    await declare({ a: { host: await engine("a") }, b: { host: await nobody() } });
    await chmod(file(), 0o640);
    const kept = join(folder, "kept.yaml");
    await writeFile(kept, await readFile(file()));
    await rm(file());
    await symlink(kept, file());
    expect((await probeZones({ stack: "prod", folder, write: true })).written).toBe(true);
    expect(await readFile(kept, "utf8")).toContain("available: false");
    await writeFile(join(folder, "Pulumi.yaml"), "name: orders\nruntime: nodejs\nstackConfigDir: stacks\n");
    await expect(probe()).rejects.toThrow(`there are none in ${join(folder, "stacks")}`);
  });

  it("keeps who may read it", async () => {
    await declare({ a: { host: await engine("a") }, b: { host: await nobody() } });
    await chmod(file(), 0o600);
    await probe(true);
    expect((await stat(file())).mode & 0o777).toBe(0o600);
  });

  it("of the selected stack is read when none is named", async () => {
    await declare({ a: { host: await engine("a") } });
    await writeFile(join(folder, "pulumi"), '#!/bin/sh\n[ "$2" = --show-name ] && echo prod\n', {
      mode: 0o755,
    });
    vi.stubEnv("PATH", `${folder}:${process.env["PATH"]}`);
    expect(await probeZones({ folder })).toMatchObject({ stack: "prod", written: false });
  });

  it.each([
    ["config: {}\n", "spilo:cluster is not there"],
    ["config:\n  spilo:cluster:\n    secure: v1:abc\n", "spilo:cluster is kept as a secret"],
    ["config:\n  spilo:cluster: '{}'\n", "spilo:cluster is no mapping"],
    ["config: [", "is no YAML"],
  ])("such as %j is an error that says so", async (text, message) => {
    await writeFile(file(), text);
    await expect(probe()).rejects.toThrow(message);
  });

  it("that is not there is an error that names those that are", async () => {
    await writeFile(join(folder, "Pulumi.dev.yaml"), "");
    await expect(probe()).rejects.toThrow(/stack prod: no configuration[\s\S]*there are dev\./);
    vi.stubEnv("PATH", folder);
    await expect(probeZones({ folder })).rejects.toThrow(/no stack is named[\s\S]*there are dev\.\nName it/);
  });
});
