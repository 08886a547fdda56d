import { isDeepStrictEqual } from "node:util";
import type { ClusterPlan, ProxyPlan, ReplicaPlan, ServerPartPlan, VoterPlan } from "../plan-types.ts";
import { renderArchiveEnv, renderEtcd, renderMemberEnv, renderSpiloConfiguration } from "../render/render.ts";
import { renderPgbouncer } from "../render/render-pooler.ts";
import { renderHaproxy, renderKeepalived } from "../render/render-proxy.ts";
import { namedIn, type PartChanges, type PlannedPart, partsOf } from "./parts.ts";

/**
 * What a change does to parts, from the two plans alone: where no preview can be had. What no plan says, it does not know:
 * another image behind the same name, what was changed by hand, certificates that are due by their age.
 */
export function comparePlans(before: ClusterPlan | undefined, after: ClusterPlan | undefined): PartChanges {
  const [had, has] = [partsOf(before), partsOf(after)];
  const same = (one: PlannedPart, other: PlannedPart) =>
    one.plan.name === other.plan.name && one.plan.zone === other.plan.zone;
  const gone = had.filter((one) => !has.some((other) => same(one, other)));
  const made = has.filter((one) => !had.some((other) => same(one, other)));
  const stay = has.flatMap((part) => {
    const former = had.find((other) => same(part, other));
    return former === undefined ? [] : [{ part, former }];
  });
  const differs = ({ part, former }: Standing) =>
    before !== undefined &&
    after !== undefined &&
    !isDeepStrictEqual(madeOf(before, former), madeOf(after, part));
  const replaced = new Set(stay.filter(differs).map(({ part }) => part.plan.name));
  const renewed = stay.filter((one) => !replaced.has(one.part.plan.name) && isRenewed(one, before, after));
  return {
    replaced: namedIn(has, replaced),
    created: namedIn(made, namesOf(made)),
    removed: namedIn(gone, namesOf(gone)),
    renewed: renewed.map(({ part }) => part.plan.name),
    volumesLost: gone.flatMap(({ volume, retained }) => (volume === undefined || retained ? [] : [volume])),
  };
}

interface Standing {
  readonly part: PlannedPart;
  readonly former: PlannedPart;
}

function namesOf(parts: readonly PlannedPart[]): ReadonlySet<string> {
  return new Set(parts.map(({ plan }) => plan.name));
}

function isRenewed(
  { part, former }: Standing,
  before: ClusterPlan | undefined,
  after: ClusterPlan | undefined,
): boolean {
  return (
    !isDeepStrictEqual(part.plan.certificate, former.plan.certificate) ||
    !isDeepStrictEqual(before?.tls, after?.tls)
  );
}

/** In place of what only a stack knows: it is the same before and after. */
const INCARNATION = "0";
const secrets = { restUser: "", restPassword: "", rewindPassword: "" };

/** What a part's container is made of: another one replaces it. */
function madeOf(plan: ClusterPlan, { kind, plan: part }: PlannedPart): object {
  const { image, memoryMib, address } = part;
  const limits = { image, memoryMib, address };
  const named = <T extends { readonly name: string }>(all: readonly T[]) => {
    const found = all.find(({ name }) => name === part.name);
    if (found === undefined) throw new Error(`${part.name} is not in its plan`);
    return found;
  };
  switch (kind) {
    case "member":
      return { ...limits, ...serverMadeOf(plan, named(plan.members)) };
    case "replica":
      return { ...limits, ...serverMadeOf(plan, named(plan.replicas)) };
    case "voter":
      return { ...limits, configuration: voterConfiguration(plan, named(plan.voters)) };
    case "proxy":
      return { ...limits, configuration: proxyConfiguration(plan, named(plan.proxies)) };
    case "s3":
      return { ...limits, port: plan.archive.server?.listen.port };
  }
}

/** New passwords are part of a server's environment. */
function serverMadeOf(plan: ClusterPlan, server: ServerPartPlan | ReplicaPlan): object {
  const { cpus, shmMib } = server;
  return {
    ...{ cpus, shmMib },
    passwords: plan.logins.generations.passwords,
    environment: [...renderMemberEnv(plan, server, INCARNATION), ...renderArchiveEnv(plan, INCARNATION)],
    configuration: renderSpiloConfiguration(plan, secrets, server),
  };
}

/** Over several zones, which other voters there were counts at the first start only. */
function voterConfiguration(plan: ClusterPlan, voter: VoterPlan): string {
  const seen = plan.network === undefined ? { ...plan, voters: [voter] } : plan;
  return renderEtcd(seen, voter, INCARNATION);
}

function proxyConfiguration(plan: ClusterPlan, proxy: ProxyPlan): readonly string[] {
  const { pooledPort } = plan.endpoint;
  return [
    renderHaproxy(plan, proxy),
    ...(proxy.vrrp === undefined ? [] : [renderKeepalived(plan, proxy, "")]),
    ...(pooledPort === undefined ? [] : [renderPgbouncer(plan, proxy, pooledPort)]),
  ];
}
