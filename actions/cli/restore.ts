import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import { s3RegionOf } from "../../cluster/aws/names.ts";
import type { RestoreTarget } from "../../cluster/plan-types.ts";
import { isoTime } from "../../cluster/restore/iso-time.ts";
import { ActionError, reasonOf } from "../action-error.ts";
import { secondOf } from "../archive/second.ts";
import type { ClusterHandle } from "../handle.ts";
import {
  type ArchivePlace,
  type LifeReport,
  listLives,
  type RestoreReport,
  restore,
  restoreFromBucket,
  type Source,
} from "../verbs/restore.ts";
import { columns } from "./columns.ts";
import type { CliContext, Outcome } from "./context.ts";

interface Flags {
  readonly toTime?: string;
  readonly toLsn?: string;
  readonly latest?: boolean;
  readonly name?: string;
  readonly write?: string;
  readonly from?: string;
  readonly list?: boolean;
  readonly second?: boolean;
  readonly endpoint?: string;
  readonly bucket?: string;
  readonly caFile?: string;
  readonly region: string;
}

export function register(program: Command, context: CliContext): void {
  const command = program
    .command("restore")
    .description(
      "write the configuration of a new stack that is made from this cluster's backups, or from others'",
    )
    .option("--to-time <time>", "with every commit up to then: a time with a zone")
    .option("--to-lsn <position>", "with all that was written before that position")
    .option("--latest", "with all that is archived")
    .option("--name <name>", "what the new cluster and its stack are called")
    .option("--write <file>", "a new file to write it to; without it, it is printed")
    .option("--from <cluster>", "whose backups, CLUSTER or CLUSTER/INCARNATION (the stack's)")
    .option("--list", "tell which lives of the cluster the bucket has, and from when to when")
    .option("--second", "from the second bucket of the stack's cluster")
    .option(
      "--endpoint <url>",
      "where the bucket is, with --from and no stack; keys as AWS_ACCESS_KEY_ID has them",
    )
    .option("--bucket <bucket>", "with --endpoint (<cluster>-wal)")
    .option("--ca-file <file>", "the authority of the endpoint's certificate (those that everybody knows)")
    .option("--region <region>", "of the bucket", "us-east-1");
  command.action(async (flags: Flags) => {
    const usage = (message: string) => command.error(`error: ${message}`);
    const source = sourceOf(flags, usage);
    const { endpoint, list = false, second = false } = flags;
    if (endpoint !== undefined && source === undefined) usage("--endpoint needs --from");
    if (endpoint !== undefined && second) usage("--second is of a stack, and --endpoint needs none");
    const placeIn = (handle: ClusterHandle) => (second ? secondOf(handle) : handle.archive);
    if (list) {
      const lives = async (archive: ArchivePlace, cluster: string) =>
        listed(await listLives(archive, cluster));
      if (endpoint !== undefined && source !== undefined) {
        const { cluster } = source;
        return context.runAlone(async () => lives(await placeOf(flags, cluster), cluster));
      }
      return context.run((handle) => lives(placeIn(handle), source?.cluster ?? handle.name), {
        onlyLooks: true,
      });
    }
    const { name = usage("--name is missing") } = flags;
    const options = { name, target: targetOf(flags, usage), write: flags.write, second };
    if (endpoint !== undefined && source !== undefined) {
      return context.runAlone(async () =>
        told(await restoreFromBucket(await placeOf(flags, source.cluster), source, options)),
      );
    }
    return context.run(
      async (handle, narrator) =>
        told(
          source === undefined
            ? await restore(handle, options, narrator)
            : await restoreFromBucket(placeIn(handle), source, options),
        ),
      { onlyLooks: true },
    );
  });
}

type Usage = (message: string) => never;

function sourceOf({ from }: Flags, usage: Usage): Source | undefined {
  if (from === undefined) return undefined;
  const [, cluster, incarnation] = /^([a-z0-9-]{1,40})(?:\/([a-z0-9]{1,32}))?$/.exec(from) ?? [];
  if (cluster === undefined) return usage("--from takes CLUSTER or CLUSTER/INCARNATION");
  return { cluster, incarnation };
}

function targetOf({ toTime, toLsn, latest = false }: Flags, usage: Usage): RestoreTarget {
  const given = [toTime !== undefined, toLsn !== undefined, latest].filter(Boolean);
  if (given.length !== 1) return usage("exactly one of --to-time, --to-lsn and --latest is needed");
  if (toLsn !== undefined) {
    if (!/^[0-9A-F]{1,8}\/[0-9A-F]{1,8}$/.test(toLsn))
      return usage("--to-lsn takes a position such as 0/35290B60");
    return { kind: "lsn", lsn: toLsn };
  }
  if (toTime === undefined) return { kind: "latest" };
  const time = isoTime(toTime);
  if (!/(Z|[+-]\d\d:\d\d)$/.test(time) || Number.isNaN(Date.parse(time))) {
    return usage("--to-time takes a time with a zone, such as 2026-03-01T12:00:00Z");
  }
  return { kind: "time", time };
}

/** The keys are in the environment, as other tools take them: a command line is for all to see. */
async function placeOf(flags: Flags, cluster: string): Promise<ArchivePlace> {
  const { endpoint = "", bucket = `${cluster}-wal`, caFile, region } = flags;
  const { AWS_ACCESS_KEY_ID: accessKey = "", AWS_SECRET_ACCESS_KEY: secretKey = "" } = process.env;
  const ca = caFile === undefined ? {} : { ca: await textOf(caFile) };
  const place = { endpoint: endpoint.replace(/\/$/, ""), bucket, ...ca };
  const ofS3 = s3RegionOf(endpoint);
  // Whoever is logged in to AWS is let in without a key, by whatever its own programs go by.
  if (ofS3 !== undefined && accessKey === "") return { ...place, region: ofS3, accessKey, secretKey: "" };
  if (accessKey === "" || secretKey === "") {
    throw new ActionError(
      "failed",
      `${endpoint}: needs a key\nSet AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment.`,
    );
  }
  return { ...place, region: ofS3 ?? region, accessKey, secretKey };
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw new ActionError("failed", `--ca-file ${file}: ${reasonOf(error)}`, { cause: error });
  }
}

function told(report: RestoreReport): Outcome {
  const { source, from, to, sourceLives, configuration, written, next } = report;
  const reach = sourceLives ? to : `the last WAL, of ${to}`;
  return {
    report,
    // What is not the configuration is a comment in it.
    lines: () => [
      `# ${source.cluster}, incarnation ${source.incarnation}: can be restored from ${from} to ${reach}`,
      ...(written === null ? configuration.trimEnd().split("\n") : [`# written: ${written}`]),
      ...next.map((command) => `# ${command}`),
    ],
  };
}

function listed(lives: readonly LifeReport[]): Outcome {
  const rows = lives.map(({ incarnation, postgresqlVersion, backups, from, to }) => [
    ...[incarnation, `${postgresqlVersion}`, `${backups}`, from ?? "never", to ?? ""],
  ]);
  return {
    report: { lives },
    lines: () => columns([["incarnation", "version", "backups", "from", "to"], ...rows]),
  };
}
