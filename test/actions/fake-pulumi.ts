import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

/** Pulumi's CLI, as far as stacks are listed, exported, imported and removed: on PATH until it is disposed of. */
export async function fakePulumi(states: Readonly<Record<string, unknown>>) {
  const folder = await mkdtemp(join(tmpdir(), "fake-pulumi-"));
  const fileOf = (name: string) => join(folder, `${name.replaceAll("/", ":")}.json`);
  for (const [name, state] of Object.entries(states)) await writeFile(fileOf(name), JSON.stringify(state));
  const list = JSON.stringify(Object.keys(states).map((name) => ({ name })));
  await writeFile(join(folder, "list"), list);
  await writeFile(join(folder, "pulumi"), script(folder));
  await chmod(join(folder, "pulumi"), 0o755);
  const before = process.env["PATH"];
  process.env["PATH"] = `${folder}${delimiter}${before}`;
  return {
    /** The state of a stack as it is now; undefined: it was removed. */
    state: async (name: string): Promise<unknown> =>
      (await readdir(folder)).includes(`${name.replaceAll("/", ":")}.json`)
        ? JSON.parse(await readFile(fileOf(name), "utf8"))
        : undefined,
    write: (name: string, state: unknown) => writeFile(fileOf(name), JSON.stringify(state)),
    /** From then on it cannot be read. */
    lock: (name: string) => rm(fileOf(name)),
    dispose: async () => {
      process.env["PATH"] = before;
      await rm(folder, { recursive: true });
    },
  };
}

/** What follows `--stack` is the name. */
function script(folder: string): string {
  return `#!/bin/sh
verb="$1 $2"
while [ $# -gt 1 ]; do [ "$1" = --stack ] && name=$(echo "$2" | tr / :); shift; done
case "$verb" in
  "stack ls") cat "${folder}/list" ;;
  "stack export") cat "${folder}/$name.json" ;;
  "stack import") cat > "${folder}/$name.json" ;;
  "stack rm") rm "${folder}/$name.json" ;;
esac
`;
}
