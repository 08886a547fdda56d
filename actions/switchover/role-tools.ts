import type { Archiving } from "../../cluster/running/unarchived.ts";
import { ActionError } from "../action-error.ts";
import { type MemberContainer, memberContainer } from "../engine/member-container.ts";
import type { RecordEvent } from "../events.ts";
import type { OperatingHandle } from "../handle.ts";
import { findCluster, leaderOf } from "../patroni/find-cluster.ts";
import type { RoleChange } from "../patroni/patroni-client.ts";
import { inService } from "../patroni/patroni-lifecycle.ts";
import { type PatroniSwitchover, type Primary, patroniVerbs } from "../patroni/patroni-verbs.ts";
import { type Pool, poolsOf } from "../pool-pause.ts";
import { endpointProbe } from "../probe/endpoint-probe.ts";
import type { WriteProbe } from "../probe/write-probe.ts";
import { readServerFacts } from "../status/server-facts.ts";
import type { Clock } from "../wait.ts";
import { type ObservedRoles, observeRoles } from "./observe-roles.ts";
import { uncopiedSlots } from "./uncopied-slots.ts";

/** How far a member's WAL is, bytes; absent when it does not say so. */
interface WalPosition {
  readonly written?: number;
  readonly replayed?: number;
}

/** What changing the leader does to the world, each thing for itself. Tests hand in a world of their own. */
export interface RoleTools {
  observe(): Promise<ObservedRoles>;
  /** Who leads by the key in the DCS: a shorter question. */
  leader(): Promise<string | undefined>;
  primary(member: string): Promise<Primary>;
  position(member: string): Promise<WalPosition>;
  /** Logical slots of the leader that this standby lacks, and that would be lost if it took over. */
  uncopiedSlots(leader: string, standby: string): Promise<readonly string[]>;
  /** How its archiver gets on. */
  archiver(member: string): Promise<Archiving>;
  /** Every change of the leader, oldest first. */
  history(): Promise<readonly RoleChange[]>;
  /** Asked of the leader, and of anybody when one is to be taken back. */
  switchover(wish: PatroniSwitchover): Promise<string>;
  cancelSwitchover(): Promise<boolean>;
  /** Asked of the candidate. */
  failover(candidate: string): Promise<string>;
  startProbe(options: { readonly countFromStart: boolean }): WriteProbe;
  readonly proxies: readonly string[];
  /** Returns when that proxy leads clients to the member, which it does as soon as the member leads. */
  leadTo(proxy: string, member: string, seconds: number, signal: AbortSignal): Promise<void>;
  readonly pools: readonly Pool[];
  container(member: string): MemberContainer;
  /** Waits until these lead or stream, on one timeline, and so many standbys are synchronous. */
  inService(wait: InServiceWait): Promise<void>;
  /** Notes an event for `history`. */
  readonly record: RecordEvent;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
}

interface InServiceWait {
  /** As the start of a sentence. */
  readonly what: string;
  readonly names: readonly string[];
  readonly synchronous: number;
  readonly deadlineMs: number;
  readonly remedy: string;
}

/** The tools for a real cluster. */
export function roleTools(handle: OperatingHandle): RoleTools {
  const { access, patroni, clock, signal, members, proxies, execOn, credentials } = handle;
  const { rest } = credentials;
  const verbs = patroniVerbs({ access, credentials: { ...rest, username: rest.user } });
  const memberOf = (name: string) => {
    const found = members.find((member) => member.name === name);
    if (found !== undefined) return found;
    const known = members.map((member) => member.name).join(", ");
    throw new ActionError("failed", `${name}: is in the cluster, but no member of this stack (${known})`);
  };
  const urlOf = (name: string) => memberOf(name).restUrl;
  const find = () =>
    findCluster(
      patroni,
      members.map(({ restUrl }) => restUrl),
    );
  return {
    observe: () => observeRoles(handle),
    leader: async () => leaderOf((await find()).view)?.name,
    primary: async (member) => verbs.primary(urlOf(member)),
    position: async (member) => {
      const { xlog } = await patroni.member(urlOf(member));
      const { location: written, replayed_location: replayed } = xlog ?? {};
      return {
        ...(typeof written === "number" ? { written } : {}),
        ...(typeof replayed === "number" ? { replayed } : {}),
      };
    },
    uncopiedSlots: (leader, standby) => uncopiedSlots(handle, leader, standby),
    archiver: async (member) => {
      const { address: host, postgresPort: port } = memberOf(member);
      return (await readServerFacts(handle, { host, port })).archiver;
    },
    history: async () => patroni.history((await find()).restUrl),
    switchover: async (wish) => verbs.switchover(urlOf(wish.leader), wish),
    cancelSwitchover: async () => verbs.cancelSwitchover((await find()).restUrl),
    failover: async (candidate) => verbs.failover(urlOf(candidate), candidate),
    startProbe: (options) => endpointProbe(handle, options),
    proxies: proxies.map(({ name }) => name),
    leadTo: async (proxy, member, seconds, over) => {
      const command = ["lead-to", member, String(seconds)];
      const limits = { user: "root", timeoutMs: (seconds + 5) * 1000, signal: over };
      const { exitCode, errors } = await execOn(proxy)(proxy, command, limits);
      if (exitCode === 0) return;
      throw new ActionError("failed", `${proxy}: lead-to: ${errors.trim() || `ended with ${exitCode}`}`);
    },
    pools: poolsOf(handle),
    container: (member) => memberContainer(memberOf(member).engine, member),
    inService: async (wait) => void (await inService(handle, wait)),
    record: handle.record,
    clock,
    signal,
  };
}
