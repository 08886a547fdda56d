import { access, constants, mkdir, writeFile } from "node:fs/promises";
import { delimiter, join, resolve } from "node:path";
import { ActionError } from "../action-error.ts";

/**
 * Writes a folder whose program `ssh`, first on PATH, knows one key and the hosts that are listed, and nothing else of this
 * machine: whoever starts `ssh`, be it the docker provider, takes that key to the engines. Nothing in the user's home is
 * read or written.
 *
 * @param variables SPILO_SSH_KEY, a private key without a passphrase, and SPILO_KNOWN_HOSTS, lines as ssh-keyscan writes
 *   them. They come from the environment, so that the key is on no command line.
 * @returns the folder's path.
 * @throws ActionError `failed` with the variable that is missing or wrong.
 */
export async function writeSshFolder(
  folder: string,
  variables: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  const key = textOf(variables, "SPILO_SSH_KEY", "the private key that reaches the engines");
  const hosts = textOf(variables, "SPILO_KNOWN_HOSTS", "the engines' host keys, as ssh-keyscan writes them");
  if (!/^-----BEGIN [A-Z ]*PRIVATE KEY-----\n[\s\S]+\n-----END [A-Z ]*PRIVATE KEY-----\n$/.test(key)) {
    throw new ActionError(
      "failed",
      "SPILO_SSH_KEY: is no private key\nit is to begin with -----BEGIN … PRIVATE KEY----- and to have all of its lines.\n" +
        "Store the whole file that ssh-keygen has written as the secret.",
    );
  }
  const path = resolve(folder);
  const program = await ssh(variables["PATH"] ?? "", path);
  const file = (name: string) => join(path, name);
  await mkdir(path, { recursive: true, mode: 0o700 });
  await writeFile(file("key"), key, { mode: 0o600 });
  await writeFile(file("known_hosts"), hosts, { mode: 0o600 });
  await writeFile(file("config"), configuration(file), { mode: 0o600 });
  await writeFile(file("ssh"), `#!/bin/sh\nexec ${quoted(program)} -F ${quoted(file("config"))} "$@"\n`, {
    mode: 0o700,
  });
  return path;
}

function configuration(file: (name: string) => string): string {
  const options = {
    IdentityFile: `"${file("key")}"`,
    IdentitiesOnly: "yes",
    IdentityAgent: "none",
    UserKnownHostsFile: `"${file("known_hosts")}"`,
    GlobalKnownHostsFile: "none",
    StrictHostKeyChecking: "yes",
    BatchMode: "yes",
    ForwardAgent: "no",
  };
  const lines = Object.entries(options).map(([name, value]) => `  ${name} ${value}\n`);
  return `Host *\n${lines.join("")}`;
}

function textOf(variables: Readonly<Record<string, string | undefined>>, name: string, what: string): string {
  const text = (variables[name] ?? "").replaceAll("\r\n", "\n").trim();
  if (text !== "") return `${text}\n`;
  throw new ActionError(
    "failed",
    `${name}: not set\nit holds ${what}.\nHand it to the step from the secrets of the CI (docs/pull-requests.md); ` +
      "leave the step out where every engine is the runner's own.",
  );
}

/** The machine's own, whatever an earlier run has put before it. */
async function ssh(path: string, own: string): Promise<string> {
  for (const folder of path.split(delimiter).filter((one) => one !== "" && resolve(one) !== own)) {
    const program = join(folder, "ssh");
    const isThere = await access(program, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return program;
  }
  throw new ActionError(
    "failed",
    "ssh: not found on PATH\nengines are reached by it.\nInstall it on the runner (Debian: apt-get install openssh-client).",
  );
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
