import { readFile } from "node:fs/promises";
import { ActionError } from "../action-error.ts";
import type { ExecResult } from "../engine/container-exec.ts";
import type { RunInside } from "../engine/throw-away.ts";
import type { ClusterHandle } from "../handle.ts";
import type { Clock } from "../wait.ts";
import { lastLines } from "./archiver.ts";

/** What a backup went through, in this order. */
export type TrialStep = "fetch" | "recover" | "read" | "checksums";

export interface TrialResult {
  /** Milliseconds of each step that went well. */
  readonly took: Readonly<Partial<Record<TrialStep, number>>>;
  /** What was read from beginning to end. */
  readonly databases: readonly string[];
  /** Whether every page has the checksum that it should; null: the cluster has none, or it was not come to. */
  readonly checksums: boolean | null;
  /** Null: the backup is good. */
  readonly problem: { readonly step: TrialStep; readonly reason: string } | null;
}

export interface TrialOptions {
  readonly archive: ClusterHandle["archive"];
  /** Of the backup. */
  readonly name: string;
  readonly deadlineMs: number;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
  /** Told of each step that went well. */
  readonly done: (step: TrialStep, milliseconds: number, detail: string) => void;
}

/** In memory: what opens the archive. */
export const keysFolder = "/trial-keys";

const authorityFile = `${keysFolder}/ca.crt`;
const variablesFolder = `${keysFolder}/env`;

const dataFolder = "/tmp/trial/data";

/**
 * Restores a backup inside of a container that is only there for it, and looks at all of it.
 *
 * It is brought back as a restore would: by the archiver, and with as much WAL as it needs to be consistent. Then every
 * database is dumped to nowhere, which reads every row through the catalogue; and with the server stopped, `pg_checksums`
 * looks at every page, indexes included. Not `pg_amcheck`: what it finds beyond that are faults that the cluster itself
 * has, at several times the length.
 *
 * @throws ActionError when it could not be tried: that says nothing about the backup.
 */
export async function tryToRestore(run: RunInside, options: TrialOptions): Promise<TrialResult> {
  const trial = new Trial(run, options, await readFile(new URL("trial-restore.sh", import.meta.url), "utf8"));
  await trial.takeKeys();
  return await trial.result();
}

class Trial {
  private readonly run: RunInside;
  private readonly options: TrialOptions;
  private readonly script: string;
  private readonly end: number;
  private readonly took: Partial<Record<TrialStep, number>> = {};

  constructor(run: RunInside, options: TrialOptions, script: string) {
    this.run = run;
    this.options = options;
    this.script = script;
    this.end = options.clock.now() + options.deadlineMs;
  }

  /** By standard input: they are on no command line, and nothing that the engine shows has them. */
  async takeKeys(): Promise<void> {
    const { archive } = this.options;
    const variables = Object.entries(archiverVariables(archive)).map(([name, value]) => {
      return [`${variablesFolder}/${name}`, value] as const;
    });
    const files = archive.ca === undefined ? variables : [[authorityFile, archive.ca] as const, ...variables];
    const write = 'umask 077; mkdir -p "$(dirname "$1")" && cat >"$1"';
    for (const [path, content] of files) {
      const { exitCode, errors } = await this.inside(["bash", "-c", write, "keys", path], content);
      if (exitCode !== 0) throw new ActionError("failed", `${path}: ${lastLines(errors)}`);
    }
  }

  async result(): Promise<TrialResult> {
    let databases: readonly string[] = [];
    let checksums: boolean | null = null;
    const steps: readonly [TrialStep, () => Promise<string>][] = [
      ["fetch", () => this.do("fetch", this.options.name)],
      ["recover", () => this.do("recover", String(this.leftSeconds()))],
      [
        "read",
        async () => {
          databases = linesOf(await this.do("databases"));
          for (const database of databases) await this.do("read", database);
          return databases.join(", ");
        },
      ],
      [
        "checksums",
        async () => {
          const said = await this.do("checksums", String(this.leftSeconds()));
          checksums = said.trim() === "off" ? null : true;
          return said.trim();
        },
      ],
    ];
    for (const [step, work] of steps) {
      const began = this.options.clock.now();
      try {
        const detail = await work();
        this.took[step] = this.options.clock.now() - began;
        this.options.done(step, this.took[step], detail);
      } catch (error) {
        if (!(error instanceof Found)) throw error;
        const found = step === "checksums" ? false : checksums;
        return {
          took: this.took,
          databases,
          checksums: found,
          problem: { step, reason: error.message },
        };
      }
    }
    return { took: this.took, databases, checksums, problem: null };
  }

  /** A part of the script. @throws Found when it ends with another code than 0. */
  private async do(part: string, ...values: readonly string[]): Promise<string> {
    const { exitCode, output, errors } = await this.inside(
      ["bash", "-s", "--", part, dataFolder, variablesFolder, ...values],
      this.script,
    );
    if (exitCode === 0) return output;
    throw new Found(lastLines(errors) || `it ended with ${exitCode}`);
  }

  private async inside(command: readonly string[], input: string): Promise<ExecResult> {
    const { name, clock, deadlineMs, signal } = this.options;
    try {
      return await this.run(command, { input, timeoutMs: this.leftSeconds() * 1000, signal });
    } catch (error) {
      if (signal?.aborted || clock.now() < this.end) throw error;
      const message = `${name} is restored and read: not within ${Math.round(deadlineMs / 1000)} s`;
      throw new ActionError("deadline", message, { cause: error });
    }
  }

  private leftSeconds(): number {
    return Math.max(1, Math.ceil((this.end - this.options.clock.now()) / 1000));
  }
}

/** What was found to be wrong with a backup. */
class Found extends Error {}

/** The archiver's own variables, one to a file, as `envdir` takes them. */
function archiverVariables(archive: ClusterHandle["archive"]): Readonly<Record<string, string>> {
  const { bucket, prefix, endpoint, region, ca, accessKey, secretKey } = archive;
  return {
    ...(ca === undefined ? {} : { WALG_S3_CA_CERT_FILE: authorityFile }),
    WALG_S3_PREFIX: `s3://${bucket}/${prefix}`,
    AWS_ENDPOINT: endpoint,
    AWS_REGION: region,
    AWS_S3_FORCE_PATH_STYLE: "true",
    // Without one, machines are let in by what they are.
    ...(accessKey === "" ? {} : { AWS_ACCESS_KEY_ID: accessKey, AWS_SECRET_ACCESS_KEY: secretKey }),
  };
}

function linesOf(text: string): readonly string[] {
  return text.split("\n").filter((line) => line !== "");
}
