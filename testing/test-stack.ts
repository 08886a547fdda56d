import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { automation } from "@pulumi/pulumi";
import { stringify } from "yaml";
import { outputsOf, SpiloCluster, type SpiloClusterArgs } from "../components/index.ts";
import { packageRoot } from "../images/package-root.ts";
import { clearLeftovers } from "./clear-leftovers.ts";

/** The project of all of them: by it, and by the name of the cluster, the parts are labelled. */
const PROJECT = "spilo-test";

/** A stack with one cluster, whose state is in a folder of its own. */
export interface TestStack {
  /** Where the certificate of the cluster's authority is, once it is up. */
  readonly caFile: string;
  /** Brings the cluster up, or changes it. One at a time. */
  up(declared: SpiloClusterArgs): Promise<void>;
  /** Of the last update, secrets included. @throws Error before the first one. */
  outputs(): Readonly<Record<string, unknown>>;
  /**
   * Removes all of it: what runs is interrupted first. The folder goes in any case: nobody has the passphrase of that state.
   *
   * @throws ActionError when an engine does not let go of what it has; or Error when the stack cannot be destroyed and backups
   *   stay in a bucket.
   */
  takeAway(): Promise<void>;
}

/** @param name of the stack. Nothing is made but a folder. */
export async function makeStack(name: string): Promise<TestStack> {
  const folder = await mkdtemp(join(tmpdir(), `spilo-${name}-`));
  const caFile = join(folder, "ca.crt");
  const over = new AbortController();
  let declared: SpiloClusterArgs | undefined;
  let running: Promise<unknown> | undefined;
  let known: Readonly<Record<string, unknown>> | undefined;
  const program = async () => {
    if (declared !== undefined) return outputsOf(new SpiloCluster(declared.name, declared));
  };
  const stack = await openStack(folder, name, program).catch(async (error: unknown) => {
    await rm(folder, { recursive: true, force: true });
    throw error;
  });
  return {
    caFile,
    up: async (asked) => {
      declared = asked;
      const update = stack.up({ signal: over.signal });
      running = update.catch(() => undefined);
      const { outputs } = await update;
      running = undefined;
      known = Object.fromEntries(Object.entries(outputs).map(([key, { value }]) => [key, value]));
      await writeFile(caFile, String(known["ca"]));
    },
    outputs: () => {
      if (known === undefined) throw new Error(`${name}: the cluster is not up yet`);
      return known;
    },
    takeAway: async () => {
      over.abort();
      await running;
      try {
        // One that was interrupted twice leaves its lock, and says nothing of what it was about to make.
        const refused = await stack.destroy().then(
          () => undefined,
          (error: unknown) => error,
        );
        if (declared === undefined) return;
        const stays = await clearLeftovers({ project: PROJECT, stack: name }, declared);
        if (stays !== undefined) throw new Error(stays, { cause: refused });
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}

async function openStack(
  folder: string,
  name: string,
  program: automation.PulumiFn,
): Promise<automation.Stack> {
  const state = join(folder, "state");
  await mkdir(state);
  const project = {
    name: PROJECT,
    runtime: "nodejs",
    plugins: { providers: [{ name: "spilo", path: join(packageRoot(), "provider") }] },
  };
  await writeFile(join(folder, "Pulumi.yaml"), stringify(project));
  return await automation.LocalWorkspace.createStack(
    { stackName: name, projectName: PROJECT, program },
    {
      workDir: folder,
      envVars: {
        PULUMI_BACKEND_URL: `file://${state}`,
        PULUMI_CONFIG_PASSPHRASE: randomBytes(24).toString("base64url"),
        PULUMI_SKIP_UPDATE_CHECK: "true",
      },
    },
  );
}
