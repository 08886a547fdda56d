import { ActionError } from "../action-error.ts";
import type { ContainerExec } from "../engine/container-exec.ts";
import { digestOf, type FileDigest, type PartFile } from "../engine/part-files.ts";
import { expiryOf } from "./certificate-reading.ts";
import type { Peer } from "./peer-certificate.ts";
import type { CertificateIsServedOptions } from "./served-certificate.ts";

/** Files by which a part is known. */
export type PartFiles = Readonly<Record<string, PartFile>>;

/** The names under which a part may have its own certificate. */
const certificateNames = ["tls.crt", "public.crt"];

/** How long a part may take to start its reload. */
const RELOAD_TIMEOUT_MS = 30_000;

interface Reload {
  /** The container's name. */
  readonly container: string;
  readonly user: string;
  readonly command: readonly string[];
}

export interface NewIdentity {
  /** Its container's name as well, where no other is named. */
  readonly part: string;
  readonly files: PartFiles;
  /** Left out: it takes new files without being told. */
  readonly reload?: Reload | undefined;
  readonly served: readonly Peer[];
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
}

/** What it takes to make a part show new files. */
export interface IdentityTools {
  readonly isRunning: (container: string) => Promise<boolean>;
  readonly exec: ContainerExec;
  readonly isServed: (options: CertificateIsServedOptions) => Promise<void>;
}

/**
 * Makes a running part take the files that were written for it, and waits until it shows its certificate. One that does
 * not run takes them when it starts.
 *
 * @throws ActionError `failed` when it cannot reload, `deadline` when the certificate is not seen in time.
 */
export async function takeIdentity(identity: NewIdentity, tools: IdentityTools): Promise<void> {
  const { part, files, reload, served, deadlineMs, signal } = identity;
  if (!(await tools.isRunning(reload?.container ?? part))) return;
  if (reload !== undefined) await tellIt(part, reload, signal, tools);
  const certificate = ownCertificate(files)?.content;
  if (certificate === undefined) return;
  await Promise.all(
    served.map((where) => tools.isServed({ ...where, what: part, certificate, deadlineMs, signal })),
  );
}

async function tellIt(
  part: string,
  { container, user, command }: Reload,
  signal: AbortSignal,
  { exec }: IdentityTools,
): Promise<void> {
  const { exitCode, errors } = await exec(container, command, { user, timeoutMs: RELOAD_TIMEOUT_MS, signal });
  if (exitCode === 0) return;
  const said = errors.trim().split("\n").at(-1) ?? "";
  throw new ActionError(
    "failed",
    `${part} has new files, but does not reload: ${command.join(" ")} ended with ${exitCode}: ${said}. docker logs ${container} says more; \`pulumi up\` tries again`,
  );
}

/**
 * Refuses to give a part a certificate that nobody would accept.
 *
 * @throws ActionError `refused` with the part, the file and the date.
 */
export function refuseExpired(part: string, files: PartFiles, now: Date): void {
  const own = ownCertificate(files);
  if (own === undefined) return;
  const expires = expiryOf(own.content);
  if (expires > now) return;
  const date = expires.toISOString().slice(0, 10);
  const remedy = "run `pulumi up` without --target, which renews it first";
  throw new ActionError("refused", `${part}: ${own.name} expired on ${date}: ${remedy}`);
}

function ownCertificate(files: PartFiles): { readonly name: string; readonly content: string } | undefined {
  const name = certificateNames.find((one) => files[one] !== undefined);
  const content = name === undefined ? undefined : files[name]?.content;
  return name === undefined || content === undefined ? undefined : { name, content };
}

/** Of the declared files, those that stand as declared. */
export function standingFiles(declared: PartFiles, found: Readonly<Record<string, FileDigest>>): PartFiles {
  const stands = ([name, { content, mode }]: [string, PartFile]) => {
    const wanted = digestOf(content, mode);
    return found[name]?.digest === wanted.digest && found[name]?.mode === wanted.mode;
  };
  return Object.fromEntries(Object.entries(declared).filter(stands));
}
