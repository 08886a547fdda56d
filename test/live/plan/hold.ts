import { isDeepStrictEqual } from "node:util";
import type { ToldClaim } from "../../../actions/verbs/plan.ts";
import type { ValueChange } from "../../../cluster/impact/claims.ts";
import { waysOf } from "../../../cluster/impact/endpoint-ways.ts";
import { canonicalValue, findParameter } from "../../../cluster/parameters/parameters.ts";
import type { ChangeSeen } from "../changes.ts";
import type { Standing } from "./standing.ts";

/** A change that was made, as it was seen from outside. */
export interface Made {
  readonly before: Standing;
  readonly after: Standing;
  /** What an application and the engine saw; undefined: `up` refused, or nothing is left. */
  readonly seen: ChangeSeen | undefined;
  /** What `up` said, where it refused. */
  readonly refusal: string | undefined;
}

/** In which a writer that nothing stops has its next commit acknowledged, on a machine that has other work. */
const UNDISTURBED_MS = 2_500;

/**
 * What of a claim did not come true; undefined: it did.
 *
 * Every kind of claim is here: one that nothing is compared with does not compile.
 */
export function untruthOf(claim: ToldClaim, made: Made): string | undefined {
  const { before, after, seen, refusal } = made;
  const [was, is] = [before.inside, after.inside];
  const id = (standing: Standing, name: string) => standing.containers[name]?.id;
  const all = (names: readonly string[], holds: (name: string) => boolean, what: string) => {
    const wrong = names.filter((name) => !holds(name));
    return wrong.length === 0 ? undefined : `${wrong.join(", ")}: ${what}`;
  };
  switch (claim.kind) {
    case "refused": {
      if (refusal === undefined) return "`up` did not refuse it";
      if (!refusal.includes(claim.message)) return `\`up\` gave another reason: ${refusal.slice(-400)}`;
      return isDeepStrictEqual(idsOf(before), idsOf(after)) ? undefined : "something was touched";
    }
    case "refused unless":
      // `up` goes on where the cluster stands as it has to.
      if (refusal === undefined || refusal.includes(claim.message)) return undefined;
      return `\`up\` gave another reason: ${refusal.slice(-400)}`;
    case "blocked":
      return refusal === undefined ? "`up` went on" : undefined;
    case "replaced":
      return all(
        claim.names,
        (name) =>
          id(before, name) !== undefined &&
          id(after, name) !== undefined &&
          id(before, name) !== id(after, name),
        "has the container that it had",
      );
    case "created":
      return all(
        claim.names,
        (name) => id(before, name) === undefined && id(after, name) !== undefined,
        "is not new",
      );
    case "removed": {
      const volume = (name: string) =>
        Object.keys(after.volumes).some((one) => one.startsWith(`${name}-data-`));
      return (
        all(
          claim.names,
          (name) => id(before, name) !== undefined && id(after, name) === undefined,
          "was not removed",
        ) ??
        (claim.data === "removed"
          ? all(claim.names, (name) => !volume(name), "its volume is there")
          : undefined) ??
        (claim.data === "kept" ? all(claim.names, volume, "its volume is gone") : undefined)
      );
    }
    case "untouched":
      return all(
        claim.names,
        (name) => id(before, name) !== undefined && id(before, name) === id(after, name),
        "was touched",
      );
    case "restarted":
      return claim.part === "member"
        ? all(claim.names, (name) => startOf(before, name) !== startOf(after, name), "did not restart")
        : all(
            claim.names,
            (name) => before.containers[name]?.startedAt !== after.containers[name]?.startedAt,
            "did not restart",
          );
    case "set":
      return claim.values.flatMap((value) => untruthOfValue(value, made) ?? [])[0];
    case "renewed":
      return all(
        claim.names,
        (name) =>
          id(before, name) === id(after, name) &&
          before.containers[name]?.identity !== after.containers[name]?.identity,
        "has the certificate that it had, or another container",
      );
    case "switchovers": {
      if (seen === undefined) return "nobody looked";
      const { leaderBefore, promotions } = seen;
      const { least, most, ifLeads } = claim;
      if (promotions < least || promotions > most) return `${promotions} were promoted`;
      if (least === most || most > 1) return undefined;
      const expected = ifLeads.includes(leaderBefore) ? most : least;
      return promotions === expected ? undefined : `${promotions} were promoted, and ${leaderBefore} led`;
    }
    case "order":
      return isDeepStrictEqual(seen?.replaced, claim.names)
        ? undefined
        : `it was ${seen?.replaced.join(", ")}`;
    case "leader": {
      if (seen?.leaderBefore !== claim.before) return `${seen?.leaderBefore} led`;
      return claim.after.includes(seen.leaderAfter) ? undefined : `${seen.leaderAfter} leads`;
    }
    case "outage": {
      if (seen === undefined) return "nobody looked";
      const { causes, worstMs } = claim;
      // A writer follows or does not: where to, is held by the endpoint.
      if (causes.includes("endpoint")) return undefined;
      if (causes.length === 0) {
        return seen.gapMs < UNDISTURBED_MS ? undefined : `nobody could write for ${seen.gapMs} ms`;
      }
      // "So far": on a machine that has other work, it may be longer once.
      return worstMs === null || seen.gapMs <= 2 * worstMs + 5_000
        ? undefined
        : `nobody could write for ${seen.gapMs} ms`;
    }
    case "kept": {
      const kept = Object.entries(before.volumes).filter(([volume]) =>
        claim.names.some((name) => volume.startsWith(`${name}-data-`)),
      );
      if (kept.length !== claim.names.length)
        return `there were ${kept.map(([volume]) => volume).join(", ") || "none"}`;
      const gone = kept.filter(([volume, madeAt]) => after.volumes[volume] !== madeAt);
      return gone.length === 0
        ? undefined
        : `${gone.map(([volume]) => volume).join(", ")} is not what it was`;
    }
    case "lost": {
      const left = Object.keys(after.volumes);
      return left.length === 0 ? undefined : `${left.join(", ")} is there`;
    }
    case "slot":
      return ["dropped"].includes(claim.effect) === is?.logicalSlots.includes(claim.name)
        ? `the slots are ${is?.logicalSlots.join(", ")}`
        : undefined;
    case "retention":
      return all(
        Object.keys(is?.servers ?? {}),
        (name) => after.containers[name]?.env.includes(`BACKUP_NUM_TO_RETAIN=${claim.to}`) ?? false,
        "keeps backups for another time",
      );
    case "logins": {
      const { user } = is?.outputs.credentials.application ?? {};
      if (user !== claim.application) return `the application logs in as ${user}`;
      return all(claim.closed, (name) => !(is?.logins.includes(name) ?? true), "may log in");
    }
    case "authority":
      return was?.outputs.ca !== is?.outputs.ca ? undefined : "the output `ca` is the same";
    case "endpoint": {
      const ways = [was, is].map((inside) => inside && waysOf(inside.outputs.endpoint));
      return isDeepStrictEqual(ways, [claim.from, claim.to])
        ? undefined
        : `it was and is ${JSON.stringify(ways)}`;
    }
    case "survives":
      return isDeepStrictEqual([was?.outputs.survives, is?.outputs.survives], [claim.before, claim.after])
        ? undefined
        : `it was ${was?.outputs.survives.join("; ")}, and is ${is?.outputs.survives.join("; ")}`;
    case "protection":
      return is?.isProtected === claim.on
        ? undefined
        : `deletionProtection is ${is?.isProtected ? "on" : "off"}`;
  }
}

function idsOf({ containers }: Standing): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(containers).map(([name, { id }]) => [name, id]));
}

function startOf({ inside }: Standing, member: string): string | undefined {
  return inside?.servers[member]?.startedAt;
}

/** In force on every member, by nothing more than what was said. */
function untruthOfValue({ name, from, to, takes }: ValueChange, { before, after }: Made): string | undefined {
  const members = Object.entries(after.inside?.servers ?? {});
  const parameter = findParameter(name);
  if (parameter === undefined) {
    const value = name
      .split(".")
      .reduce<unknown>((document, key) => under(document, key), after.inside?.config);
    return isDeepStrictEqual(value ?? null, to) ? undefined : `${name} is ${JSON.stringify(value)}`;
  }
  const canonical = (value: unknown) =>
    typeof value === "string" || typeof value === "number" || typeof value === "boolean"
      ? canonicalValue(parameter, value)
      : undefined;
  for (const [member, { settings, startedAt }] of members) {
    const former = before.inside?.servers[member];
    const wanted = canonical(to ?? parameter.default);
    if (canonical(settings[name]) !== wanted) return `${name} is ${settings[name]} on ${member}`;
    if (former === undefined) continue;
    if (from !== null && canonical(former.settings[name]) !== canonical(from)) {
      return `${name} was ${former.settings[name]} on ${member}`;
    }
    if (takes !== "reload" && startedAt === former.startedAt)
      return `${member} was not restarted for ${name}`;
  }
  return undefined;
}

function under(document: unknown, key: string): unknown {
  return typeof document === "object" && document !== null
    ? Object.entries(document).find(([one]) => one === key)?.[1]
    : undefined;
}
