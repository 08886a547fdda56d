import { z } from "zod";
import { etcdRole, etcdUsers } from "../../cluster/rotation/roles.ts";
import type { ClusterAccess } from "../access.ts";
import { ActionError } from "../action-error.ts";
import { type HttpFetch, httpsFetch } from "../https-fetch.ts";
import { type Clock, waitFor } from "../wait.ts";
import { base64 } from "./etcd-client.ts";
import {
  authenticationIsOff,
  type EtcdGateway,
  type EtcdLogin,
  etcdGateway,
  wrongPassword,
} from "./etcd-gateway.ts";

export interface EtcdAuthOptions {
  /** Client URLs of the voters. */
  readonly endpoints: readonly string[];
  readonly access: ClusterAccess;
  readonly rootPassword: string;
  /** What it was before, so that it can be changed. */
  readonly previousRootPassword?: string | undefined;
  /** Who may read and write the keys of the cluster. */
  readonly user: string;
  readonly password: string;
  /** What all keys of the cluster begin with. */
  readonly prefix: string;
  /** For a quorum. */
  readonly deadlineMs: number;
  readonly fetch?: HttpFetch;
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
}

/** Who is in etcd, and who is let in by its role. */
export type EtcdUsersOptions = Omit<EtcdAuthOptions, "password" | "prefix" | "previousRootPassword">;

/** etcd's own name for who may do everything, the user as well as the role. */
const ROOT = "root";

/**
 * Has etcd serve nobody without a password: `root` may do everything, `user` may read and write below the prefix. Others
 * who have the role keep it: members still log in as them while passwords are rotated.
 *
 * Authentication is switched on last, so whatever was done before a failure is found and kept by the next attempt; once
 * it is on, all is done as root. Doing it twice changes nothing. No password is in an error.
 *
 * @throws ActionError `deadline` without a quorum, `refused` when etcd takes neither root's password nor the one before.
 */
export async function ensureEtcdAuth(options: EtcdAuthOptions): Promise<void> {
  const { deadlineMs, clock, signal } = options;
  const remedy = "docker logs of the etcd containers says why there is no quorum";
  const what = "etcd takes users and passwords";
  const asking = { ...options, fetch: options.fetch ?? httpsFetch(options.access) };
  await waitFor({ what, deadlineMs, everyMs: 250, remedy, clock, signal }, async () => {
    await ensure(asking);
    return { found: true };
  });
}

/**
 * Removes those of the users who take turns that are not in use. Whoever is logged in as one of them is out at once.
 *
 * @throws ActionError as `ensureEtcdAuth` does.
 */
export async function removeOtherEtcdUsers(options: EtcdUsersOptions): Promise<void> {
  const { deadlineMs, clock, signal, user } = options;
  const what = "etcd knows no former user";
  const remedy = "docker logs of the etcd containers says why there is no quorum";
  const asking = { ...options, fetch: options.fetch ?? httpsFetch(options.access) };
  await waitFor({ what, deadlineMs, everyMs: 250, remedy, clock, signal }, async () => {
    const root = await asRoot(asking);
    if (root === undefined) return { found: true };
    const { users = [] } = usersAnswer.parse(await root.etcd.require("auth/user/list", {}));
    for (const name of users.filter((one) => one !== user && inTurn.includes(one))) {
      await root.etcd.require("auth/user/delete", { name });
    }
    return { found: true };
  });
}

/** Clusters of earlier versions have one user, of the role's own name. */
const inTurn: readonly string[] = [...etcdUsers, etcdRole];

const usersAnswer = z.object({ users: z.array(z.string()).optional() });

/** Whether somebody may log in as that user now; undefined when etcd asks nobody for a password. */
export async function canLogIn(
  options: Pick<EtcdAuthOptions, "endpoints" | "access" | "fetch">,
  { user: name, password }: EtcdLogin,
): Promise<boolean | undefined> {
  const answer = await etcdGateway(options).ask("auth/authenticate", { name, password });
  if (!("refusal" in answer)) return true;
  if (answer.refusal.includes(authenticationIsOff)) return undefined;
  if (answer.refusal.includes(wrongPassword)) return false;
  throw new ActionError("failed", `etcd: login of ${name}: ${answer.refusal}`);
}

async function ensure(options: EtcdAuthOptions): Promise<void> {
  const { rootPassword, user, password } = options;
  const before = await asRoot(options);
  if (before === undefined) {
    const open = etcdGateway(options);
    await makeUser(open, ROOT, rootPassword, ROOT);
    await makeRole(open, options);
    await makeUser(open, user, password, etcdRole);
    await open.require("auth/enable", {});
    return;
  }
  await makeRole(before.etcd, options);
  if ((await canLogIn(options, { user, password })) !== true) {
    await makeUser(before.etcd, user, password, etcdRole);
  }
  await grantRole(before.etcd, user, etcdRole);
  if (before.password !== rootPassword) await changePassword(before.etcd, ROOT, rootPassword);
}

interface Root {
  readonly etcd: EtcdGateway;
  readonly password: string;
}

/** Undefined: authentication is not on. */
async function asRoot(
  options: EtcdUsersOptions & Pick<EtcdAuthOptions, "previousRootPassword">,
): Promise<Root | undefined> {
  const { rootPassword, previousRootPassword } = options;
  for (const password of new Set([rootPassword, previousRootPassword ?? rootPassword])) {
    const login = { user: ROOT, password };
    const admitted = await canLogIn(options, login);
    if (admitted === undefined) return undefined;
    if (admitted) return { etcd: etcdGateway({ ...options, login }), password };
  }
  throw new ActionError(
    "refused",
    "etcd takes neither this stack's password of root nor the one before. " +
      "Set it with `etcdctl --user root passwd root`, and run `pulumi up` again",
  );
}

async function makeUser(etcd: EtcdGateway, name: string, password: string, role: string): Promise<void> {
  const made = await unlessThere(etcd, "auth/user/add", { name, password });
  if (!made) await changePassword(etcd, name, password);
  await grantRole(etcd, name, role);
}

async function changePassword(etcd: EtcdGateway, name: string, password: string): Promise<void> {
  await etcd.require("auth/user/changepw", { name, password });
}

const userAnswer = z.object({ roles: z.array(z.string()).optional() });

/** Every write ends the tokens that others have, so what is there is only looked at. */
async function grantRole(etcd: EtcdGateway, name: string, role: string): Promise<void> {
  const { roles = [] } = userAnswer.parse(await etcd.require("auth/user/get", { name }));
  if (!roles.includes(role)) await etcd.require("auth/user/grant", { user: name, role });
}

const roleAnswer = z.object({
  perm: z
    .array(
      z.object({
        permType: z.string().optional(),
        key: z.string().optional(),
        range_end: z.string().optional(),
      }),
    )
    .optional(),
});

async function makeRole(etcd: EtcdGateway, { prefix }: EtcdAuthOptions): Promise<void> {
  const name = etcdRole;
  const wanted = { permType: "READWRITE", key: base64(prefix), range_end: base64(prefixEnd(prefix)) };
  const found = await etcd.ask("auth/role/get", { role: name });
  if ("refusal" in found) await unlessThere(etcd, "auth/role/add", { name });
  const { perm = [] } = "refusal" in found ? {} : roleAnswer.parse(found.body);
  const isWanted = (one: (typeof perm)[number]) =>
    one.permType === wanted.permType && one.key === wanted.key && one.range_end === wanted.range_end;
  if (!perm.some(isWanted)) await etcd.require("auth/role/grant", { name, perm: wanted });
}

/** False when there was one of that name. */
async function unlessThere(etcd: EtcdGateway, path: string, body: object): Promise<boolean> {
  const answer = await etcd.ask(path, body);
  if (!("refusal" in answer)) return true;
  if (answer.refusal.includes("already exists")) return false;
  throw new ActionError("failed", `etcd: ${path}: ${answer.refusal}`);
}

/** The first key that is behind all those that begin with the prefix. */
function prefixEnd(prefix: string): Buffer {
  const end = Buffer.from(prefix);
  const last = end.length - 1;
  const byte = end[last];
  if (byte === undefined || byte === 255) {
    throw new ActionError(
      "failed",
      `the prefix ${JSON.stringify(prefix)} of the keys does not end with a character`,
    );
  }
  end[last] = byte + 1;
  return end;
}
