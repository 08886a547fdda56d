import { randomUUID } from "node:crypto";
import { execa } from "execa";
import type pg from "pg";
import { expect, it } from "vitest";
import { onSession } from "../sql.ts";
import { type Attacked, type Get, secretsIn } from "./context.ts";

const MINUTE = 60_000;
const FILE = "/tmp/traffic.pcap";

export function trafficTests(get: Get): void {
  it("shows no statement, row or password to whoever listens", { timeout: 2 * MINUTE }, async () => {
    const attacked = get();
    const { cluster } = attacked;
    const [row, control] = [`row-${randomUUID()}`, `clear-${randomUUID()}`];
    const heard = await listen(attacked, async () => {
      await sendInClear(attacked, control);
      for (const port of [5000, 6432]) await write({ ...cluster.endpoint, port }, row);
      await Promise.all(cluster.direct.map((member) => read(member, row)));
      // Its WAL goes to the bucket, with everything that was written.
      await cluster.operate("select pg_switch_wal()");
      await attacked.world.pulumi("up", "--yes", "--skip-preview", "--refresh");
      await new Promise((resolve) => setTimeout(resolve, 3000));
    });
    expect(heard, "the listener hears what is in clear").toContain(control);
    for (const word of [row, "insert into", "heard_of", "START_REPLICATION", "/config", "wal/17"])
      expect(heard.includes(word), word).toBe(false);
    expect(secretsIn(heard, attacked)).toEqual([]);
  });
}

/** Everything that crosses the cluster's network meanwhile, as it is. */
async function listen({ name, image, prefix }: Attacked, work: () => Promise<void>): Promise<string> {
  const id = (await execa("docker", ["network", "inspect", "--format", "{{.Id}}", name])).stdout;
  const bridge = `br-${id.slice(0, 12)}`;
  const capture = ["tshark", "-q", "-i", bridge, "-f", `net ${prefix}0/24`, "-w", FILE];
  const run = ["run", "-d", "--network", "host", "--cap-add", "NET_ADMIN", image];
  const { stdout: listener } = await execa("docker", [...run, ...capture]);
  try {
    await new Promise((resolve) => setTimeout(resolve, 3000));
    await work();
    await execa("docker", ["kill", "--signal", "INT", listener]);
    await execa("docker", ["wait", listener]);
    const { stdout } = await execa("docker", ["cp", `${listener}:${FILE}`, "-"], {
      encoding: "buffer",
      maxBuffer: 1e9,
    });
    return Buffer.from(stdout).toString("latin1");
  } finally {
    await execa("docker", ["rm", "-f", listener]);
  }
}

/** So that hearing nothing means something. */
async function sendInClear({ name, image, prefix }: Attacked, text: string): Promise<void> {
  const send = `echo ${text} >/dev/udp/${prefix}11/9`;
  await execa("docker", ["run", "--rm", "--network", name, image, "bash", "-c", send]);
}

async function write(endpoint: pg.ClientConfig, row: string): Promise<void> {
  await onSession(endpoint, async (client) => {
    await client.query("create table if not exists heard_of (word text)");
    await client.query("insert into heard_of values ($1)", [row]);
  });
}

async function read(member: pg.ClientConfig, row: string): Promise<void> {
  await onSession(member, async (client) => {
    const { rowCount } = await client.query("select from heard_of where word = $1", [row]);
    expect(rowCount).toBeGreaterThan(0);
  });
}
