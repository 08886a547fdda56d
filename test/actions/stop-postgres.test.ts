import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ActionError } from "../../actions/action-error.ts";
import type { ContainerExec } from "../../actions/engine/container-exec.ts";
import { stopPostgres } from "../../actions/patroni/stop-postgres.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "stop-postgres-"));
  await mkdir(join(folder, "data"));
});

afterEach(() => rm(folder, { recursive: true }));

/** Programs of a version that note their arguments; `pg_ctl status` and `stop` end as they are told. */
async function install(version: string, ends: { status: number; stop: number }): Promise<void> {
  const bin = join(folder, version, "bin");
  await mkdir(bin, { recursive: true });
  const pgCtl = `case $1 in status) exit ${ends.status} ;; *) echo "pg_ctl: server does not shut down" >&2; exit ${ends.stop} ;; esac`;
  for (const [name, end] of [
    ["pg_ctl", pgCtl],
    ["psql", "exit 2"],
  ] as const) {
    await writeFile(join(bin, name), `#!/bin/sh\necho "${version} ${name} $*" >>${folder}/calls\n${end}\n`);
    await chmod(join(bin, name), 0o755);
  }
}

async function calls(): Promise<string[]> {
  const text = await readFile(join(folder, "calls"), "utf8").catch(() => "");
  return text.replaceAll(folder, "").split("\n").filter(Boolean);
}

/** Runs the script here, with PostgreSQL's programs in the test's folder. */
const here: ContainerExec = async (_container, [program = "", ...args], { user }) => {
  expect(user).toBe("postgres");
  const moved = args.map((arg) => arg.replaceAll("/usr/lib/postgresql", folder));
  const env = { PGDATA: join(folder, "data") };
  const { exitCode = -1, stdout, stderr } = await execa(program, moved, { env, reject: false });
  return { exitCode, output: stdout, errors: stderr };
};

function stop(exec: ContainerExec = here) {
  return stopPostgres({ exec, member: "dev-1", deadlineMs: 90_000 });
}

describe("stopping PostgreSQL of a member", () => {
  it("takes the programs of the data's version, writes a checkpoint first, and waits for the end", async () => {
    await install("16", { status: 0, stop: 0 });
    await install("17", { status: 0, stop: 0 });
    await writeFile(join(folder, "data", "PG_VERSION"), "16\n");
    expect(await stop()).toBe("stopped");
    expect(await calls()).toEqual([
      "16 pg_ctl status -D /data",
      "16 psql -X -q -w -d postgres -c checkpoint",
      "16 pg_ctl stop -D /data -m fast -w -t 90",
    ]);
  });

  it("does nothing when no server runs", async () => {
    await install("17", { status: 3, stop: 0 });
    await writeFile(join(folder, "data", "PG_VERSION"), "17\n");
    expect(await stop()).toBe("idle");
    expect(await calls()).toEqual(["17 pg_ctl status -D /data"]);
  });

  it("does nothing where there is no data yet", async () => {
    expect(await stop()).toBe("idle");
  });

  it("says in the server's words that it still runs", async () => {
    await install("17", { status: 0, stop: 1 });
    await writeFile(join(folder, "data", "PG_VERSION"), "17\n");
    await expect(stop()).rejects.toMatchObject({
      code: "deadline",
      message: "dev-1: PostgreSQL did not stop: pg_ctl: server does not shut down",
    });
  });

  it.each([
    ["does not run", new ActionError("unreachable", "dev-1: container is not running")],
    ["is gone", new ActionError("failed", "dev-1: (HTTP code 404) no such container - dev-1")],
  ])("finds nothing to stop in a container that %s", async (_title, error) => {
    expect(await stop(() => Promise.reject(error))).toBe("absent");
  });

  it("fails when the engine does", async () => {
    const error = new ActionError("failed", "dev-1: connect ENOENT /var/run/docker.sock");
    await expect(stop(() => Promise.reject(error))).rejects.toBe(error);
  });
});
