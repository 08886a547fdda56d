import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { expect, it } from "vitest";
import { containerIds } from "../engine.ts";
import { type Get, secretsIn } from "./context.ts";

const MINUTE = 60_000;

export function secretTests(get: Get): void {
  it("is made for every purpose", () => {
    expect(get().secrets.filter(({ name }) => name.includes("password")).length).toBeGreaterThanOrEqual(10);
    expect(get().secrets.filter(({ name }) => !name.includes("password")).length).toBeGreaterThanOrEqual(11);
    expect(get().secrets.every(({ value }) => value.length >= 32)).toBe(true);
  });

  it("is not in what `up` says, nor in its log, a preview, or the state", { timeout: MINUTE }, async () => {
    const preview = await get().world.pulumi("preview", "--diff", "--json");
    const files = await filesBelow(get().world.directory);
    const written = await Promise.all(files.map((file) => readFile(file, "utf8")));
    expect(files.some((file) => /state.*\.json$/.test(file))).toBe(true);
    expect(secretsIn([get().seen.log, preview, ...written].join("\n"), get())).toEqual([]);
  });

  it("is on no command line while a cluster is made", () => {
    expect(get().seen.processes.some((line) => line.includes("patroni"))).toBe(true);
    expect(secretsIn(get().seen.processes.join("\n"), get())).toEqual([]);
  });

  it("is in no log of a container, nor of PostgreSQL", { timeout: MINUTE }, async () => {
    const names = Object.keys(await containerIds(get().name));
    const logs = await Promise.all(names.map((name) => execa("docker", ["logs", name], { all: true })));
    const csv = names
      .filter((name) => /^sec-\d$/.test(name))
      .map((name) =>
        execa("docker", ["exec", name, "sh", "-c", "cat /home/postgres/pgdata/pgroot/pg_log/*"]),
      );
    const texts = [...logs.map(({ all }) => all), ...(await Promise.all(csv)).map(({ stdout }) => stdout)];
    expect(texts.join("").length).toBeGreaterThan(1000);
    expect(secretsIn(texts.join("\n"), get())).toEqual([]);
  });

  it("is shown by the engine on members alone, and there only what they work with", async () => {
    const names = Object.keys(await containerIds(get().name));
    const shown = await Promise.all(
      names.map(
        async (name) => [name, secretsIn((await execa("docker", ["inspect", name])).stdout, get())] as const,
      ),
    );
    // Spilo takes these by its environment and in no other way.
    const byEnvironment = ["etcd", "rest", "rewind", "s3", "standby", "superuser"];
    const members = ["sec-1", "sec-2", "sec-3"];
    expect(Object.fromEntries(shown)).toEqual(
      Object.fromEntries(
        names.map((name) => [
          name,
          members.includes(name) ? byEnvironment.map((purpose) => `sec-password-${purpose}`) : [],
        ]),
      ),
    );
  });
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}
