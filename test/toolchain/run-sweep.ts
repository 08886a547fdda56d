import { main } from "../../actions/cli/main.ts";
import type { SweepReport } from "../../actions/index.ts";
import { engine, PREFIX } from "./abandoned.ts";

/** Runs `spiloctl sweep` on the engine of this machine, for this test's project unless another one is named. */
export async function spiloctl(verb: "sweep", ...args: string[]) {
  const said: string[] = [];
  const write = process.stdout.write;
  process.stdout.write = (text: string | Uint8Array) => said.push(String(text)) > 0;
  try {
    const project = args.includes("--project") ? [] : ["--project", PREFIX];
    const exitCode = await main([verb, "--engine", engine, "--json", ...project, ...args]);
    const { clusters }: SweepReport = JSON.parse(said.join(""));
    return { exitCode, clusters };
  } finally {
    process.stdout.write = write;
  }
}
