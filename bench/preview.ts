/**
 * What a preview takes: of a running three-member cluster, against a program that declares nothing.
 *
 *     node --import tsx bench/preview.ts [rounds]
 *
 * The four take turns within each round: the empty program, the cluster unchanged, the cluster with another setting, and
 * `spiloctl plan` of that setting, which previews and looks at the members. All have the same CLI, language host and
 * state. Prints the median of the rounds, the worst, and what the median is of the empty program's.
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { parse, stringify } from "yaml";
import { makeWorld } from "../test/live/world.ts";
import { local, root } from "../toolchain/paths.ts";
import { median } from "./median.ts";

const CLUSTER = "look";
const rounds = Number(process.argv[2] ?? 5);

const world = await makeWorld(CLUSTER);
const empty = await emptyProgram();
const took = new Map<string, number[]>();
try {
  await world.run("up");
  const environment = await execa("./run", ["env"], { cwd: root, env: { SPILO_RUN_DIR: world.directory } });
  const inStack = async (cwd: string, ...command: string[]) => {
    const script = `${environment.stdout}\nexec "$@" --stack ${CLUSTER}`;
    await execa("bash", ["-c", script, "bash", ...command], { cwd });
  };
  await inStack(empty, "pulumi", "stack", "init");
  for (let round = 0; round < rounds; round += 1) {
    await timed("empty program", () => inStack(empty, "pulumi", "preview", "--non-interactive"));
    await world.specify(["postgresql"], undefined);
    await timed("unchanged", () => inStack(root, "pulumi", "preview", "--non-interactive"));
    await world.specify(["postgresql"], { parameters: { work_mem: "8MB" } });
    await timed("another setting", () => inStack(root, "pulumi", "preview", "--non-interactive"));
    await timed("spiloctl plan", () => inStack(root, join(root, "spiloctl"), "plan"));
  }
} finally {
  await rm(empty, { recursive: true, force: true });
  await world.dispose();
}
report();

/** Where it finds the same packages, and in a project of its own, as its stack has the same name. */
async function emptyProgram(): Promise<string> {
  await mkdir(join(local, "tmp"), { recursive: true });
  const folder = await mkdtemp(join(local, "tmp", "empty-"));
  const { runtime, main } = parse(await readFile(join(root, "Pulumi.yaml"), "utf8"));
  await writeFile(join(folder, "Pulumi.yaml"), stringify({ name: "empty", runtime, main }));
  await writeFile(join(folder, "index.ts"), "export {};\n");
  return folder;
}

async function timed(name: string, run: () => Promise<void>): Promise<void> {
  const began = performance.now();
  await run();
  const seconds = (performance.now() - began) / 1000;
  took.set(name, [...(took.get(name) ?? []), seconds]);
}

function report(): void {
  const base = median(took.get("empty program") ?? []);
  for (const [name, seconds] of took) {
    console.log(
      `${name.padEnd(16)} median ${median(seconds).toFixed(2)} s, worst ${Math.max(...seconds).toFixed(2)} s of ${seconds.length}, ` +
        `${(median(seconds) / base).toFixed(2)} of the empty program's`,
    );
  }
}
