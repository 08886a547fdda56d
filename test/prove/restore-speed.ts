/**
 * How fast a base backup is brought back: as the first member of a cluster with `restoreFrom` does it, in turn with the bare
 * archiver that is called by hand, from the same S3 server into the same kind of container.
 */
import { randomBytes } from "node:crypto";
import { execa } from "execa";
import { type ClusterHandle, clusterHandle } from "../../actions/handle.ts";
import { parseStackOutputs } from "../../actions/stack-outputs.ts";
import {
  fromOrigin,
  type identityFiles,
  identityPath,
  type Origin,
  renderOriginEnv,
} from "../../cluster/index.ts";
import { liveCluster } from "../live/cluster-view.ts";
import { spiloctl } from "../live/spiloctl.ts";
import { onSession } from "../live/sql.ts";
import type { World } from "../live/world.ts";
import { type Records, recordsIn } from "./records.ts";

const ROUNDS = 5;
/** Of the table; a row takes about a kilobyte. */
const megabytes = Number(process.env["PROVE_RESTORE_MB"] ?? 1500);
const ours = "restoreFrom, as a member begins";
const bare = "barman-cloud-restore, by hand";
const target = "/home/postgres/pgdata/restored";

export async function proveRestoreSpeed(world: World, isTimeLeft: () => boolean): Promise<readonly string[]> {
  const records = await recordsIn("restore-speed");
  const handle = await handleOf(world);
  await fill(world);
  const { exitCode, report } = await spiloctl(world, "backup", "now");
  if (exitCode !== 0) throw new Error(`spiloctl backup now ended with ${exitCode}`);
  const dataBytes = Number(report.backup.dataBytes);
  const member = await throwAwayMember(handle);
  try {
    const id = await barmanId(member);
    const ways: Readonly<Record<string, () => Promise<number>>> = {
      [ours]: () => member.seconds(`bash ${identityPath("fromOrigin")} base --scope x --datadir ${target}`),
      [bare]: () => member.seconds(`${barman("restore")} ${id} ${target}`),
    };
    // Whoever comes first would meet a server that has not read the backup yet.
    await ways[bare]?.();
    for (let round = 1; round <= ROUNDS && isTimeLeft(); round += 1) {
      const both = round % 2 === 1 ? [ours, bare] : [bare, ours];
      for (const kind of both) {
        if (records.of(kind).some((one) => one.round === round)) continue;
        const seconds = (await ways[kind]?.()) ?? Number.NaN;
        const speed = { seconds, dataBytes, megabytesPerSecond: dataBytes / 1e6 / seconds };
        await records.add({ kind, round, gapMs: 0, missing: 0, ...speed });
      }
    }
  } finally {
    await member.remove();
  }
  return [...[ours, bare].map((kind) => summary(kind, records)), ratio(records)];
}

async function handleOf(world: World): Promise<ClusterHandle> {
  const outputs = JSON.parse(await world.pulumi("stack", "output", "--json", "--show-secrets"));
  return clusterHandle(parseStackOutputs(world.stack, outputs));
}

/** Half of each row is random, so that it neither compresses to nothing nor not at all. */
async function fill(world: World): Promise<void> {
  const { endpoint } = await liveCluster(world);
  await onSession({ ...endpoint, query_timeout: 1_200_000 }, async (client) => {
    await client.query("create table if not exists ballast (n int, noise text, text text)");
    const { rows } = await client.query("select count(*)::int as there from ballast");
    for (let n = rows[0].there / 1000; n < megabytes; n += 50) {
      await client.query(`insert into ballast select i, (select string_agg(md5(random()::text), '')
          from generate_series(1, 16) where i > 0), repeat('ballast ', 50) from generate_series(1, 50000) i`);
    }
    await client.query("vacuum (freeze, analyze) ballast").catch(() => undefined);
  });
}

interface ThrowAwayMember {
  /** Brings the backup back into an empty folder. */
  seconds(command: string): Promise<number>;
  run(script: string, input?: string): Promise<string>;
  remove(): Promise<void>;
}

/** A container with the image and in the network of the cluster's member, with the files that one with an origin has. */
async function throwAwayMember({ name, archive }: ClusterHandle): Promise<ThrowAwayMember> {
  const container = `${name}-restored-${randomBytes(3).toString("hex")}`;
  const member = `${name}-1`;
  const { stdout: image } = await execa("docker", ["inspect", "--format", "{{.Image}}", member]);
  const files = ["--tmpfs", "/etc/identity:mode=1777", "--volume", "/home/postgres/pgdata"];
  const run = async (script: string, input = "") => {
    const command = ["exec", "--interactive", "--user", "postgres", container, "bash", "-euc", script];
    return (await execa("docker", command, { input })).stdout;
  };
  const remove = async () => {
    await execa("docker", ["rm", "--force", "--volumes", container], { reject: false });
  };
  const life = ["--entrypoint", "sleep", image, "7200"];
  await execa("docker", ["run", "--detach", "--name", container, "--network", name, ...files, ...life]);
  try {
    await execa("docker", [
      "exec",
      "--user",
      "root",
      container,
      "chown",
      "postgres",
      "/home/postgres/pgdata",
    ]);
    const put = (file: keyof typeof identityFiles, content: string) =>
      run(`umask 077; cat >${identityPath(file)}`, content);
    await put("fromOrigin", fromOrigin);
    await put("originEnv", renderOriginEnv(originOf(archive), archive, archive.ca !== undefined));
    await put("originCa", archive.ca ?? "");
  } catch (error) {
    await remove();
    throw error;
  }
  const seconds = async (command: string) => {
    // What the round before has written is on the disk, and nothing of it is there.
    await run(`rm -rf ${target}; sync`);
    const began = performance.now();
    await run(command);
    const took = (performance.now() - began) / 1000;
    await run(`test -s ${target}/PG_VERSION && test -s ${target}/backup_label`);
    return took;
  };
  return { seconds, run, remove };
}

function originOf({ prefix, bucket, endpoint, region }: ClusterHandle["archive"]): Origin {
  const [, cluster = "", incarnation = "", , version] = prefix.split("/");
  const place = { bucket, endpoint, region };
  return { cluster, incarnation, postgresqlVersion: Number(version), ...place, target: { kind: "latest" } };
}

/** Barman's own program, with the variables that it takes for those of the archive. */
function barman(program: string): string {
  const prefix = "path=$WALG_S3_PREFIX; exec barman-cloud-";
  const known = "AWS_DEFAULT_REGION=$AWS_REGION AWS_CA_BUNDLE=$WALG_S3_CA_CERT_FILE";
  const options = '--cloud-provider aws-s3 --endpoint-url "$AWS_ENDPOINT"';
  const read = `set -a; . ${identityPath("originEnv")}; ${known}; set +a`;
  return `${read}; ${prefix}${program} ${options} "\${path%/*}" "\${path##*/}"`;
}

async function barmanId({ run }: ThrowAwayMember): Promise<string> {
  const listed = await run(
    barman("backup-list").replace("--cloud-provider", "--format json --cloud-provider"),
  );
  const { backups_list: backups } = JSON.parse(listed);
  return backups
    .map((one: { readonly backup_id: string }) => one.backup_id)
    .toSorted()
    .at(-1);
}

function summary(kind: string, records: Records): string {
  const measured = records.of(kind);
  const speeds = measured.map(({ megabytesPerSecond }) => Number(megabytesPerSecond));
  const dataBytes = measured[0]?.["dataBytes"];
  const median = `median ${middle(speeds).toFixed(1)} MB/s, worst ${Math.min(...speeds).toFixed(1)} MB/s`;
  return `${kind}: ${median} of ${measured.length}, a base backup of ${(Number(dataBytes) / 1e6).toFixed(0)} MB`;
}

function ratio(records: Records): string {
  const speed = (kind: string) =>
    middle(records.of(kind).map(({ megabytesPerSecond }) => Number(megabytesPerSecond)));
  return `ratio of the medians: ${(speed(ours) / speed(bare)).toFixed(2)} (at least 0.9 is asked for)`;
}

function middle(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor((values.length - 1) / 2)] ?? Number.NaN;
}
