import { execa } from "execa";
import { expect, it } from "vitest";
import { waitFor } from "../../../actions/wait.ts";
import type { LiveCluster } from "../cluster-view.ts";
import { writeAlone } from "../write-alone.ts";
import type { Get } from "./context.ts";

const MINUTE = 60_000;

export function rewindTests(get: Get): void {
  it("is rewound by a role that is no superuser, and streams again", { timeout: 4 * MINUTE }, async () => {
    const { cluster } = get();
    const { old, since } = await divergedLeader(get(), async () => undefined);
    await execa("docker", ["start", old]);
    await cluster.inSync(2);
    const log = await logOf(old, since);
    expect(log).toMatch(/running pg_rewind/);
    expect(log).not.toMatch(/pg_basebackup/);
    expect(await cluster.onEach(writtenAlone)).toEqual(["0", "0", "0"]);
  });

  it("is copied afresh where it cannot be rewound", { timeout: 4 * MINUTE }, async () => {
    const { cluster } = get();
    const { old, since } = await divergedLeader(get(), async (leader) => {
      await inside(leader, "mv /usr/lib/postgresql/17/bin/pg_rewind /tmp/");
    });
    await execa("docker", ["start", old]);
    await cluster.inSync(2);
    const log = await logOf(old, since);
    expect(log).toMatch(/replica has been created using basebackup/);
    expect(await cluster.onEach(writtenAlone)).toEqual(["0", "0", "0"]);
    await inside(old, "mv /tmp/pg_rewind /usr/lib/postgresql/17/bin/");
  });
}

const writtenAlone = "select count(*) from pg_class where relname = 'written_alone'";

/** A leader that was killed with rows that no other member has, while another one leads. */
async function divergedLeader(
  { cluster, name }: ReturnType<Get>,
  prepare: (leader: string) => Promise<void>,
): Promise<{ readonly old: string; readonly since: string }> {
  await cluster.inSync(2);
  const old = await cluster.leader();
  await prepare(old);
  const since = new Date().toISOString();
  const others = [1, 2, 3].map((index) => `${name}-${index}`).filter((member) => member !== old);
  // Frozen standbys receive nothing: what is written meanwhile is on the leader alone.
  await execa("docker", ["pause", ...others]);
  await writeAlone(cluster, old);
  await execa("docker", ["kill", old]);
  await execa("docker", ["unpause", ...others]);
  expect(await newLeader(cluster, old)).not.toBe(old);
  return { old, since };
}

async function inside(member: string, command: string): Promise<void> {
  await execa("docker", ["exec", member, "sh", "-c", command]);
}

async function logOf(member: string, since: string): Promise<string> {
  return (await execa("docker", ["logs", "--since", since, member], { all: true })).all;
}

async function newLeader(cluster: LiveCluster, old: string): Promise<string> {
  return await waitFor({ what: "another member leads", deadlineMs: 90_000 }, async () => {
    const now = await cluster.leader().catch(String);
    return now !== old && /-\d$/.test(now) ? { found: now } : { pending: now };
  });
}
