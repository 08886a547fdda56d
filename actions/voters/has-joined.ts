import type { ClusterAccess } from "../access.ts";
import { unlessPassing } from "../action-error.ts";
import { type HttpFetch, httpsFetch } from "../https-fetch.ts";
import { ASK_MS } from "../status/ask.ts";
import { observeVoters } from "../status/voters.ts";
import type { Narrator } from "../verbs/verb.ts";
import { type Clock, type Look, waitFor } from "../wait.ts";
import { type EtcdMember, type EtcdMembership, etcdMembership } from "./membership.ts";
import { rejoin } from "./rejoin.ts";
import type { VoterTools } from "./tools.ts";

/** An etcd voter as declared. */
export interface VoterPlace {
  readonly name: string;
  /** Where it answers clients. */
  readonly url: string;
  /** Where it answers other voters. */
  readonly peerUrl: string;
}

export interface VoterHasJoinedOptions {
  readonly voter: string;
  /** All of them. */
  readonly voters: readonly VoterPlace[];
  /** Where the voter of the same index would answer other voters in other zones: it takes that one's place. @default [] */
  readonly instead?: readonly string[] | undefined;
  readonly access: ClusterAccess;
  /** Of etcd's `root`: the one that holds, and any that may have held until now. */
  readonly rootPasswords: readonly string[];
  /** etcd's configuration for this voter, as declared. */
  readonly configuration: string;
  readonly narrator: Pick<Narrator, "note" | "warn">;
  readonly deadlineMs: number;
  readonly clock?: Clock | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Entries that a voter may be behind: those of some seconds. */
const NEAR = 100;

/**
 * Waits until a voter whose container was made anew votes, is healthy, and is as far as the others. One that has lost its
 * data is removed and joins again, while every other voter is healthy; so does one that was removed meanwhile, and in
 * the place of the one that stood in another zone, which is removed. Where so few others run that there can be no
 * quorum, all of them are being made anew: nothing is awaited then, and the next one may come.
 *
 * @throws ActionError `deadline` with what it lacks. Another attempt goes on from there.
 */
export async function voterHasJoined(options: VoterHasJoinedOptions, tools: VoterTools): Promise<void> {
  const { voter, narrator, deadlineMs, clock, signal } = options;
  const remedy =
    `\`docker logs ${voter}\` says more; no other voter is touched before it has joined. With data that etcd cannot ` +
    "use, remove its container and its data volume, and run `pulumi up --refresh`: it copies the others' then";
  const looks = new Looks(options, tools);
  const waiting = { what: `${voter} votes in etcd`, deadlineMs, everyMs: 500, remedy, clock, signal };
  const alone = await waitFor(waiting, () => looks.look());
  if (alone) narrator.warn(`${voter} is made; etcd has no quorum before more of its voters run`);
  // One that has joined again was started with another one, which is of no use any more.
  else await tools.configure(options.configuration);
}

/**
 * The same for a voter's first container. Nothing is awaited of one of those that etcd begins with, as there is no quorum
 * before the others are made. One that etcd does not know comes in the place of another one, or comes back.
 *
 * @throws ActionError `deadline` also when nobody says whom etcd knows. Another attempt goes on from there.
 */
export async function newVoterHasJoined(options: VoterHasJoinedOptions, tools: VoterTools): Promise<void> {
  const { voter, deadlineMs, clock, signal } = options;
  const looks = new Looks(options, tools);
  const remedy = `\`docker logs\` of ${voter} and of the others says more; \`pulumi up\` goes on from here`;
  const waiting = { what: `etcd says whether it knows ${voter}`, deadlineMs, remedy, clock, signal };
  if (await waitFor(waiting, () => looks.lookWhetherKnown())) return;
  await voterHasJoined(options, tools);
}

/** Several looks at one voter, each of which does what is to be done next. */
class Looks {
  private readonly own: VoterPlace;
  private readonly others: readonly VoterPlace[];
  private readonly options: VoterHasJoinedOptions;
  private readonly tools: VoterTools;
  private readonly fetch: HttpFetch;
  private membership: EtcdMembership | undefined;
  private isTold = false;
  private hasRejoined = false;

  constructor(options: VoterHasJoinedOptions, tools: VoterTools) {
    const { voter, voters } = options;
    const own = voters.find(({ name }) => name === voter);
    if (own === undefined) throw new Error(`${voter} is none of the voters`);
    this.own = own;
    this.others = voters.filter(({ name }) => name !== voter);
    this.options = options;
    this.fetch = httpsFetch(options.access);
    this.tools = tools;
  }

  /** Finds whether it is alone, and cannot have joined. */
  async look(): Promise<Look<boolean>> {
    if (await this.isAlone()) return { found: true };
    const listed = await this.listed();
    if (this.hasRejoined && listed?.name === undefined) return { pending: "it has not started in etcd yet" };
    if (listed?.name === undefined) return this.addAgain(listed);
    if (await this.hasLostData()) return this.joinAgain(listed);
    if (listed.learner) return this.promote(listed);
    const unwell = await this.unhealthy([this.own]);
    if (unwell !== undefined) return { pending: unwell };
    const behind = await this.behind();
    if (behind > NEAR) return { pending: `it is ${behind} entries behind` };
    return { found: false };
  }

  /** Finds whether etcd counts on it already. */
  async lookWhetherKnown(): Promise<Look<boolean>> {
    if (this.others.length === 0 || (await this.isAlone())) return { found: true };
    const listed = await this.listed();
    return { found: listed?.name !== undefined && !listed.learner };
  }

  private async isAlone(): Promise<boolean> {
    // Where an engine does not say, the voter itself may still answer.
    const runs = ({ name }: VoterPlace) => this.tools.container(name).runs().catch(unlessPassing(true));
    const running = await Promise.all(this.others.map(runs));
    const quorum = Math.floor(this.options.voters.length / 2) + 1;
    return running.filter(Boolean).length + 1 < quorum;
  }

  private async listed(): Promise<EtcdMember | undefined> {
    return (await this.ask()).list().then((members) => entryOf(members, this.own));
  }

  /** By the others: one that has no vote answers little. */
  private async ask(): Promise<EtcdMembership> {
    const asked = this.others.length === 0 ? [this.own] : this.others;
    const endpoints = asked.map(({ url }) => url);
    this.membership ??= await etcdMembership({ ...this.options, endpoints, fetch: this.fetch });
    return this.membership;
  }

  /** What it has after it was made to join again is what it copies from the others. */
  private async hasLostData(): Promise<boolean> {
    return !this.hasRejoined && (await this.tools.container(this.own.name).hasData()) === false;
  }

  private async promote({ id }: EtcdMember): Promise<Look<boolean>> {
    const refusal = await (await this.ask()).promote(id);
    return { pending: refusal ?? "it was just given its vote" };
  }

  /** What it has belongs to somebody whom etcd has removed: that is of no use, unless etcd knows it by another address. */
  private async addAgain(listed: EtcdMember | undefined): Promise<Look<boolean>> {
    const answers = (await this.unhealthy([this.own])) === undefined;
    if (!answers) return this.joinAgain(listed);
    return { pending: `it answers, but etcd lists nobody who has started at ${this.own.peerUrl}` };
  }

  private async joinAgain(listed: EtcdMember | undefined): Promise<Look<boolean>> {
    const { voter, configuration } = this.options;
    if (this.others.length === 0) return { pending: "it is the only one, and has not started" };
    const membership = await this.ask();
    const members = await membership.list();
    const unwell = await this.unhealthy(this.others.filter((one) => entryOf(members, one) !== undefined));
    if (unwell !== undefined) return { pending: `it cannot join while ${unwell}` };
    const predecessors = this.predecessors(members);
    this.tell(predecessors);
    const { peerUrl } = this.own;
    const { configure } = this.tools;
    const leaving = listed === undefined ? predecessors : [listed, ...predecessors];
    const container = this.tools.container(voter);
    await rejoin({ voter, peerUrl, membership, leaving, container, configuration, configure });
    this.hasRejoined = true;
    return { pending: "it copies the others' data" };
  }

  /** Whoever stands in another zone in its place; never one that is declared. */
  private predecessors(members: readonly EtcdMember[]): readonly EtcdMember[] {
    const { instead = [], voters } = this.options;
    const places = instead.filter((url) => voters.every(({ peerUrl }) => peerUrl !== url));
    return members.filter(({ peerUrls }) => peerUrls.some((url) => places.includes(url)));
  }

  private tell(predecessors: readonly EtcdMember[]): void {
    const { voter, narrator } = this.options;
    if (this.isTold) return;
    this.isTold = true;
    const names = predecessors.map(({ name, peerUrls }) => name ?? peerUrls.join(" ")).join(", ");
    if (names === "") narrator.note(`${voter} has no data that etcd knows: it is removed, and joins again`);
    else narrator.note(`${voter} takes the place of ${names}, which is removed from etcd`);
  }

  private async unhealthy(voters: readonly VoterPlace[]): Promise<string | undefined> {
    const reports = await observeVoters({ voters, access: this.options.access }, ASK_MS, this.fetch);
    const [first] = reports.filter(({ healthy }) => !healthy);
    return first && `${first.name} is not healthy: ${first.reason ?? "it does not say why"}`;
  }

  private async behind(): Promise<number> {
    const membership = await this.ask();
    const { applied } = await membership.position(this.own.url);
    // Those that do not answer are not waited for: it may be their turn to be repaired next.
    const unknown = unlessPassing({ committed: 0 });
    const others = await Promise.all(this.others.map(({ url }) => membership.position(url).catch(unknown)));
    return Math.max(applied, ...others.map(({ committed }) => committed)) - applied;
  }
}

function entryOf(members: readonly EtcdMember[], { peerUrl }: VoterPlace): EtcdMember | undefined {
  return members.find(({ peerUrls }) => peerUrls.includes(peerUrl));
}
