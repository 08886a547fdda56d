import { z } from "zod";
import type { ClusterAccess } from "../access.ts";
import { ActionError } from "../action-error.ts";
import { canLogIn } from "../etcd/etcd-auth.ts";
import { type EtcdGateway, etcdGateway } from "../etcd/etcd-gateway.ts";
import type { HttpFetch } from "../https-fetch.ts";

/** Somebody whom etcd counts among its own. */
export interface EtcdMember {
  /** 64 bits, in decimal. */
  readonly id: string;
  /** Undefined: it was added, and has never started. */
  readonly name: string | undefined;
  readonly peerUrls: readonly string[];
  /** It copies what the voters have, and has no vote. */
  readonly learner: boolean;
}

/** How far one of them is. */
interface RaftPosition {
  /** The last entry that it knows to be agreed on. */
  readonly committed: number;
  /** The last entry that it has carried out. */
  readonly applied: number;
}

/** Who belongs to an etcd cluster. Every call but `position` needs a quorum. */
export interface EtcdMembership {
  list(): Promise<readonly EtcdMember[]>;
  /** One that is not there any more is no error. */
  remove(id: string): Promise<void>;
  /** One that is there already is no error. */
  addLearner(peerUrl: string): Promise<void>;
  /** Gives a learner its vote; or says why not yet. */
  promote(id: string): Promise<string | undefined>;
  /** @param url where this one answers clients. It must not be a learner: these let nobody log in. */
  position(url: string): Promise<RaftPosition>;
}

export interface MembershipOptions {
  /** Client URLs of those that are asked. */
  readonly endpoints: readonly string[];
  readonly access: ClusterAccess;
  /** Of `root`: the one that holds, and any that may have held until now. */
  readonly rootPasswords: readonly string[];
  readonly fetch?: HttpFetch;
}

/** @throws ActionError `unreachable` without a quorum, `refused` when etcd takes none of the passwords. */
export async function etcdMembership(options: MembershipOptions): Promise<EtcdMembership> {
  const { login, etcd } = await asRoot(options);
  return {
    list: async () => {
      const { members } = listAnswer.parse(await etcd.require("cluster/member/list", { linearizable: true }));
      return members.map(memberOf);
    },
    remove: (ID) => unless(etcd, "cluster/member/remove", { ID }, "member not found"),
    addLearner: (url) => {
      return unless(
        etcd,
        "cluster/member/add",
        { peerURLs: [url], isLearner: true },
        "Peer URLs already exists",
      );
    },
    promote: async (ID) => {
      const answer = await etcd.ask("cluster/member/promote", { ID });
      return "refusal" in answer ? answer.refusal : undefined;
    },
    position: async (url) => {
      const one = etcdGateway({ ...options, ...login, endpoints: [url] });
      const { raftIndex, raftAppliedIndex } = statusAnswer.parse(await one.require("maintenance/status", {}));
      return { committed: Number(raftIndex), applied: Number(raftAppliedIndex) };
    },
  };
}

interface Root {
  readonly login: { readonly login?: { readonly user: string; readonly password: string } };
  readonly etcd: EtcdGateway;
}

/** Before authentication is on, everybody is. */
async function asRoot(options: MembershipOptions): Promise<Root> {
  for (const password of new Set(options.rootPasswords)) {
    const login = { user: "root", password };
    const admitted = await canLogIn(options, login);
    if (admitted === undefined) return { login: {}, etcd: etcdGateway(options) };
    if (admitted) return { login: { login }, etcd: etcdGateway({ ...options, login }) };
  }
  throw new ActionError(
    "refused",
    "etcd takes no password of root that this stack knows. " +
      "Set it with `etcdctl --user root passwd root`, and run `pulumi up` again",
  );
}

const listedMember = z.object({
  ID: z.string(),
  name: z.string().optional(),
  peerURLs: z.array(z.string()).default([]),
  isLearner: z.boolean().default(false),
});
const listAnswer = z.object({ members: z.array(listedMember) });
const statusAnswer = z.object({ raftIndex: z.string(), raftAppliedIndex: z.string() });

function memberOf({ ID, name = "", peerURLs, isLearner }: z.infer<typeof listedMember>): EtcdMember {
  return { id: ID, name: name === "" ? undefined : name, peerUrls: peerURLs, learner: isLearner };
}

/** @param done etcd's words for: it is so already. */
async function unless(etcd: EtcdGateway, path: string, body: object, done: string): Promise<void> {
  const answer = await etcd.ask(path, body);
  if (!("refusal" in answer) || answer.refusal.includes(done)) return;
  // Such as: too few voters are connected. That may be better a moment later.
  throw new ActionError("unreachable", `etcd: ${path}: ${answer.refusal}`);
}
