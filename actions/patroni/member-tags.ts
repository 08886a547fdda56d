import { readFile } from "node:fs/promises";
import { ActionError } from "../action-error.ts";
import type { ContainerExec } from "../engine/container-exec.ts";
import { type Clock, type Look, waitFor } from "../wait.ts";
import type { PatroniClient } from "./patroni-client.ts";

/**
 * The tags that are set here; others stay as they are.
 *
 * @see https://patroni.readthedocs.io/en/latest/yaml_configuration.html#tags
 */
export interface MemberTags {
  /** No commit waits for this member. */
  readonly nosync: boolean;
}

/** Where a member is, and what it is asked with. */
export interface TaggedMember {
  readonly member: string;
  /** The container's name or id. */
  readonly container: string;
  readonly restUrl: string;
}

export interface SetMemberTagsOptions extends TaggedMember {
  readonly tags: MemberTags;
  /** For the member to be there, and for Patroni's next look at its cluster. */
  readonly deadlineMs: number;
  readonly clock?: Clock | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface MemberTagsTools {
  /** On the member's engine. */
  readonly exec: ContainerExec;
  readonly patroni: Pick<PatroniClient, "member" | "cluster">;
}

/**
 * Has a member carry these tags and no other ones of ours: in its container's own configuration, which a restart keeps,
 * and then in force, by a reload. Nothing is started again. What is so already stays untouched.
 *
 * Done when the member says so of itself and the DCS says so of the member: that is where its leader looks.
 *
 * @throws ActionError `failed` when the container is not there or its configuration cannot be changed, `deadline` with
 *   what is lacking. It can be done again.
 */
export async function setMemberTags(options: SetMemberTagsOptions, tools: MemberTagsTools): Promise<void> {
  const { member, deadlineMs, clock, signal } = options;
  const remedy = `\`docker logs ${member}\` says more; \`pulumi up\` goes on from here`;
  const work = new Tagging(options, tools);
  await waitFor({ what: `the tags of ${member}`, deadlineMs, remedy, clock, signal }, () => work.look());
}

/** Those of a member that are in force. @throws ActionError when it does not say. */
export async function memberTags(
  { restUrl }: Pick<TaggedMember, "restUrl">,
  patroni: Pick<PatroniClient, "member">,
): Promise<MemberTags> {
  const { tags } = await patroni.member(restUrl);
  return tagsIn(tags);
}

/** How long one program in the container may take. */
const EXEC_MS = 15_000;

/** What `set-tags.py` ends with while the container configures itself. */
const NOT_YET = 3;

/** Several looks at one member, each of which does what is to be done next. */
class Tagging {
  private readonly options: SetMemberTagsOptions;
  private readonly tools: MemberTagsTools;
  /** Undefined: it is not known to be as it is to be. */
  private file: "changed" | "unchanged" | undefined;
  private isTold = false;

  constructor(options: SetMemberTagsOptions, tools: MemberTagsTools) {
    this.options = options;
    this.tools = tools;
  }

  async look(): Promise<Look<true>> {
    this.file ??= await this.write();
    if (this.file === undefined) return { pending: "its container has not configured itself yet" };
    // One that answers has read its configuration, and takes a reload: before that, the signal would end it.
    const own = await memberTags(this.options, this.tools.patroni);
    if (!this.isTold && (this.file === "changed" || !this.fits(own))) return this.reload();
    if (!this.fits(own)) return { pending: "Patroni has not reloaded its configuration yet" };
    const known = await this.inDcs();
    if (known === undefined) return { pending: "the DCS does not know it yet" };
    return this.fits(known) ? { found: true } : { pending: "the DCS does not have them yet" };
  }

  private fits({ nosync }: MemberTags): boolean {
    return nosync === this.options.tags.nosync;
  }

  private async write(): Promise<"changed" | "unchanged" | undefined> {
    const { member, tags } = this.options;
    const ours = JSON.stringify({ nosync: tags.nosync ? true : null });
    const { exitCode, output, errors } = await this.run(["python3", "-", ours], await script());
    if (exitCode === NOT_YET) return undefined;
    if (exitCode === 0) return output.trim() === "changed" ? "changed" : "unchanged";
    const [reason = ""] = errors.trim().split("\n").slice(-1);
    const remedy = "look at it by `docker exec`, or make the container anew";
    throw new ActionError("failed", `${member}: its tags: ${reason || `exit code ${exitCode}`}. ${remedy}`);
  }

  private async reload(): Promise<Look<true>> {
    const { exitCode, output, errors } = await this.run(["sv", "hup", "/run/service/patroni"]);
    this.isTold = exitCode === 0;
    if (this.isTold) return { pending: "Patroni has just been told to reload its configuration" };
    return { pending: `Patroni cannot be told to reload: ${(errors || output).trim()}` };
  }

  private run(command: readonly string[], input?: string) {
    const { container, signal } = this.options;
    const given = input === undefined ? {} : { input };
    return this.tools.exec(container, command, { user: "root", timeoutMs: EXEC_MS, signal, ...given });
  }

  /** Undefined: it does not know the member. */
  private async inDcs(): Promise<MemberTags | undefined> {
    const { member, restUrl } = this.options;
    const { members } = await this.tools.patroni.cluster(restUrl);
    const found = members.find(({ name }) => name === member);
    return found && tagsIn(found.tags);
  }
}

function tagsIn(tags: Readonly<Record<string, unknown>> = {}): MemberTags {
  return { nosync: tags["nosync"] === true };
}

function script(): Promise<string> {
  return readFile(new URL("set-tags.py", import.meta.url), "utf8");
}
