import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { execa } from "execa";
import { gitHubJobs, type Job } from "../../ci-files.ts";

/** What the settings of a repository hold, by the names that workflows have for it: `secrets.NAME`, `vars.NAME`. */
export type Values = Readonly<Record<string, string>>;

/** What came of a job. */
export interface Ran {
  readonly job: string;
  /** 0, or what the first step that failed ended with. */
  readonly exitCode: number;
  /** Everything that its steps printed. */
  readonly log: string;
}

/** Runs jobs of workflow files as a runner of GitHub's does: each in a new checkout, its commands in order, by bash. */
export interface Runner {
  /** Every job of a file that its condition lets run for this event. */
  run(file: string, event: Event): Promise<readonly Ran[]>;
}

export interface Event {
  /** What the file with the event holds. */
  readonly payload: object;
  /** What conditions ask: `github.event.action`. */
  readonly context: Values;
  readonly commit: string;
}

/** Where checkouts are made. */
export interface Checkouts {
  readonly folder: string;
  checkout(commit: string): Promise<string>;
}

export function makeRunner(repository: Checkouts, values: Values, variables: Values): Runner {
  const runJob = async (name: string, { steps, env }: Job, { payload, commit }: Event): Promise<Ran> => {
    const [checkout, temp] = [
      await repository.checkout(commit),
      await mkdtemp(join(repository.folder, "runner-")),
    ];
    const file = (of: string) => join(temp, of);
    await writeFile(file("event.json"), JSON.stringify(payload));
    await writeFile(file("path"), "");
    const own = { RUNNER_TEMP: temp, GITHUB_PATH: file("path"), GITHUB_EVENT_PATH: file("event.json") };
    let [exitCode, log] = [0, ""];
    for (const step of steps) {
      if (exitCode !== 0 && !step.always) continue;
      const added = (await readFile(file("path"), "utf8")).split("\n").filter((line) => line !== "");
      const path = [...added.toReversed(), variables["PATH"]].join(delimiter);
      const ended = await execa("bash", ["--noprofile", "--norc", "-eo", "pipefail", "-c", step.run], {
        cwd: checkout,
        env: { ...variables, ...own, ...filled(env, values), ...filled(step.env, values), PATH: path },
        extendEnv: false,
        stdin: "ignore",
        reject: false,
        all: true,
      });
      log += `$ ${step.run}\n${ended.all}\n`;
      if (exitCode === 0) exitCode = ended.exitCode ?? -1;
    }
    await rm(temp, { recursive: true });
    await rm(checkout, { recursive: true });
    return { job: name, exitCode, log };
  };
  return {
    run: async (file, event) => {
      const context = { ...values, ...event.context };
      const due = Object.entries(gitHubJobs(file)).filter(([, job]) => holds(job.condition, context));
      const ran: Ran[] = [];
      for (const [name, job] of due) ran.push(await runJob(name, job, event));
      return ran;
    },
  };
}

/** Values in the place of `${{ … }}`. */
function filled(written: Values, values: Values): Values {
  const value = (_: string, name: string) => {
    const known = values[name];
    if (known === undefined) throw new Error(`a workflow asks for ${name}, which nobody has set`);
    return known;
  };
  return Object.fromEntries(
    Object.entries(written).map(([name, text]) => [name, text.replaceAll(/\$\{\{\s*(\S+)\s*\}\}/g, value)]),
  );
}

/** As much of the language of conditions as the files use: comparisons, all of which have to hold. */
function holds(condition: string | undefined, context: Values): boolean {
  if (condition === undefined) return true;
  return condition.split("&&").every((part) => {
    const [, left = "", operator, right = ""] = /^\s*(\S+) (==|!=) (\S+)\s*$/.exec(part) ?? [];
    const [one, other] = [left, right].map((term) => /^'(.*)'$/.exec(term)?.[1] ?? context[term]);
    if (one === undefined || other === undefined) throw new Error(`not understood: ${condition}`);
    return (one === other) === (operator === "==");
  });
}
