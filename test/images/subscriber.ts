import { execa } from "execa";
import { docker, eventually } from "./stage.ts";

/** A PostgreSQL server of nobody's, which reads a cluster's changes. It may be away, and keeps what it has meanwhile. */
export interface Subscriber {
  sql(statement: string): Promise<string>;
  leave(): Promise<void>;
  comeBack(): Promise<void>;
  remove(): Promise<void>;
}

const socket = "/tmp";

/** @param image one that has PostgreSQL 17 */
export async function startSubscriber(name: string, network: string, image: string): Promise<Subscriber> {
  const script = `export PATH=/usr/lib/postgresql/17/bin:$PATH
    [ -d /tmp/data ] || initdb --pgdata /tmp/data --auth trust >/dev/null
    exec postgres -D /tmp/data -k ${socket} -c wal_retrieve_retry_interval=1s`;
  const runs = ["--user", "postgres", "--entrypoint", "bash"];
  await docker(["run", "--detach", "--name", name, "--network", network, ...runs, image, "-c", script]);
  const sql = (statement: string) =>
    docker(
      [
        ...["exec", "--interactive", "--user", "postgres", name],
        ...["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-h", socket, "postgres"],
      ],
      statement,
    );
  const answers = () =>
    eventually("the subscriber answers", 60_000, async () =>
      (await sql("SELECT 1").catch(() => "")) === "1" ? true : undefined,
    );
  await answers();
  return {
    sql,
    leave: async () => void (await docker(["stop", name])),
    comeBack: async () => {
      await docker(["start", name]);
      await answers();
    },
    remove: async () => void (await execa("docker", ["rm", "--force", "--volumes", name], { reject: false })),
  };
}
