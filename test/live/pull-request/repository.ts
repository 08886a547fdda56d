import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { stringify } from "yaml";
import { local, root } from "../../../toolchain/paths.ts";
import { pack } from "../../packed.ts";

/** Somebody's repository with a Pulumi program and the files of examples/ci. */
export interface Repository {
  /** Where checkouts may be made: within the project, whose npm packages they use. */
  readonly folder: string;
  /** Writes a file into a branch, as somebody who pushes does. Returns the commit. */
  push(branch: string, path: string, content: string): Promise<string>;
  merge(branch: string): Promise<string>;
  /** A new folder with a commit, as the step actions/checkout leaves it. */
  checkout(commit: string): Promise<string>;
  dispose(): Promise<void>;
}

export async function makeRepository(files: Readonly<Record<string, object>>): Promise<Repository> {
  await mkdir(join(local, "tmp"), { recursive: true });
  const folder = await mkdtemp(join(local, "tmp", "pull-request-"));
  const work = join(folder, "work");
  const git = async (...args: string[]) => {
    const identity = ["-c", "user.name=ann", "-c", "user.email=ann@example.com"];
    return (await execa("git", [...identity, ...args], { cwd: work })).stdout;
  };
  await cp(join(root, "examples/program"), work, { recursive: true });
  await cp(join(root, "examples/ci/github"), join(work, ".github/workflows"), { recursive: true });
  for (const [name, content] of Object.entries(files)) await writeFile(join(work, name), stringify(content));
  // As it is installed, but that what it depends on is found above it, in this checkout: no registry is asked for anything.
  await execa("tar", ["--extract", "--file", await pack(folder)], { cwd: folder });
  const dependencies = { "pulumi-spilo": `file:${join(folder, "package")}` };
  const manifest = { name: "databases", private: true, type: "module", dependencies };
  await writeFile(join(work, "package.json"), JSON.stringify(manifest));
  await execa("npm", ["install", "--package-lock-only", "--offline", "--no-audit"], { cwd: work });
  await writeFile(join(work, ".gitignore"), "node_modules\n");
  await git("init", "--quiet", "--initial-branch", "main");
  const commit = async (message: string) => {
    await git("add", "--all");
    await git("commit", "--quiet", "--message", message);
    return await git("rev-parse", "HEAD");
  };
  await commit("Begin");
  return {
    folder,
    push: async (branch, path, content) => {
      const exists = (await git("branch", "--list", branch)) !== "";
      await git("checkout", "--quiet", ...(exists ? [branch] : ["-b", branch]));
      await writeFile(join(work, path), content);
      return await commit(`Change ${path}`);
    },
    merge: async (branch) => {
      await git("checkout", "--quiet", "main");
      await git("merge", "--quiet", "--no-ff", "--message", `Merge ${branch}`, branch);
      return await git("rev-parse", "HEAD");
    },
    checkout: async (sha) => {
      const checkout = await mkdtemp(join(folder, "checkout-"));
      await execa("git", ["clone", "--quiet", work, checkout]);
      await execa("git", ["checkout", "--quiet", sha], { cwd: checkout });
      return checkout;
    },
    dispose: () => rm(folder, { recursive: true, force: true }),
  };
}
