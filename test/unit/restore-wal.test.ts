import { execFileSync, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { root } from "../../toolchain/paths.ts";

const program = join(root, "templates", "restore-wal.sh");

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "spilo-restore-"));
  for (const name of ["archive", "pg_wal", "environment"]) mkdirSync(join(folder, name));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe("what is brought from the archive", () => {
  it.each([
    ["a segment of the only timeline", "00000001000000000000000D", ""],
    [
      "one before the next timeline began",
      "00000001000000000000000C",
      "1\t0/D002190\tno recovery target specified",
    ],
    ["one of the new timeline", "00000002000000000000000D", "1\t0/D002190\tno recovery target specified"],
    ["one in a later file of 4 GiB", "0000000100000001000000FE", "1\t2/00002190\treason"],
    ["a history", "00000002.history", "1\t0/D002190\treason"],
  ])("is %s", (_what, name, history) => {
    inArchive(name, "its bytes");
    if (history !== "") known("00000002.history", history);
    expect(bring(name).status).toBe(0);
    expect(readFileSync(join(folder, "pg_wal", "RECOVERYXLOG"), "utf8")).toBe("its bytes");
  });

  it.each([
    ["in which the next timeline began", "00000001000000000000000D"],
    ["after that", "00000001000000000000000E"],
  ])("is no segment of the old timeline %s: its leader wrote it when it was alone", (_where, name) => {
    inArchive(name, "nobody was told of these");
    known("00000002.history", "1\t0/D002190\tno recovery target specified");
    const { status, stderr } = bring(name);
    expect(status).toBe(1);
    expect(stderr).toContain(`${name}: reaches beyond the end of timeline 1`);
    expect(existsSync(join(folder, "pg_wal", "RECOVERYXLOG"))).toBe(false);
  });

  it("is none of which only Patroni knows that the next timeline has begun", () => {
    inArchive("00000001000000000000000D", "nobody was told of these");
    inArchive("00000001000000000000000C", "its bytes");
    writeFileSync(
      join(folder, "history.json"),
      '[[1, 218112400, "no recovery target specified", "2026-01-01", "m-3"]]',
    );
    expect(bring("00000001000000000000000D").status).toBe(1);
    expect(bring("00000001000000000000000C").status).toBe(0);
  });

  it("is none of which only the archive knows that the next timeline has begun", () => {
    inArchive("00000001000000000000000D", "nobody was told of these");
    inArchive("00000002.history", "1\t0/D002190\tno recovery target specified\n");
    expect(bring("00000001000000000000000D").status).toBe(1);
    expect(execFileSync("ls", [join(folder, "pg_wal")], { encoding: "utf8" })).toBe("");
  });

  it.each(["00000001000000000000000D", "00000002.history"])(
    "is nothing, and soon, when the archive does not answer: %s",
    (name) => {
      inArchive(name, "its bytes");
      writeFileSync(join(folder, "environment", "AWS_ENDPOINT"), "https://127.0.0.1:1");
      const { status, stderr } = bring(name);
      expect(status).toBe(1);
      expect(stderr).toContain(`${name}: the archive does not answer`);
      // Not asked again for a moment: one file after the other is looked for.
      rmSync(join(folder, "environment", "AWS_ENDPOINT"));
      writeFileSync(join(folder, "environment", "AWS_ENDPOINT"), "https://192.0.2.1:9000");
      const began = performance.now();
      expect(bring(name).status).toBe(1);
      expect(performance.now() - began).toBeLessThan(900);
    },
  );

  it("is nothing, and soon, when the archive takes connections and stands still", async () => {
    inArchive("00000001000000000000000D", "its bytes");
    // Nobody takes from the queue while the program is waited for.
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = z.object({ port: z.number() }).parse(server.address());
    writeFileSync(join(folder, "environment", "AWS_ENDPOINT"), `https://127.0.0.1:${port}`);
    const began = performance.now();
    expect(bring("00000001000000000000000D").status).toBe(1);
    expect(performance.now() - began).toBeLessThan(4_000);
    server.close();
  });

  it("says so when it is not there", () => {
    expect(bring("00000001000000000000000D").status).not.toBe(0);
  });
});

function inArchive(name: string, content: string): void {
  writeFileSync(join(folder, "archive", name), content);
}

function known(name: string, content: string): void {
  writeFileSync(join(folder, "pg_wal", name), `${content}\n`);
}

function bring(name: string) {
  const patroni = `file://${join(folder, "history.json")}`;
  const fetch = ["bash", "-c", 'cp "archive/$0" "$1"'];
  return spawnSync("bash", [program, name, "pg_wal/RECOVERYXLOG", patroni, ...fetch], {
    cwd: folder,
    encoding: "utf8",
    env: { ...process.env, TMPDIR: folder, ARCHIVE_ENVIRONMENT: join(folder, "environment") },
  });
}
