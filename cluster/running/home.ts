import {
  byFitness,
  checkSwitchover,
  leaderIn,
  type ObservedMember,
  type RoleObservation,
  type SwitchoverDecision,
} from "./switchover-checks.ts";

/** As much of where a cluster stands as decides where its primary belongs. */
export interface HomeFacts {
  /** As declared. Of one without a zone nobody knows where it stands. */
  readonly members: readonly {
    readonly name: string;
    readonly zone?: string | undefined;
    /** Whether it may have synchronous commits. @default true */
    readonly synchronous?: boolean;
  }[];
  /** Undefined: nobody knows of any zone. */
  readonly placement?:
    | {
        readonly primaryZone?: string | undefined;
        readonly zones: readonly { readonly name: string; readonly available: boolean }[];
      }
    | undefined;
}

type Refused = Extract<SwitchoverDecision, { kind: "refused" }>;

export type HomeDecision =
  | {
      readonly kind: "already";
      readonly leader: string;
      /** The zone that was wished for. */
      readonly zone?: string;
    }
  | Refused
  | { readonly kind: "go"; readonly to: string };

/**
 * Who is to lead for the primary to be at home: of the members that may have synchronous commits, the one in the zone
 * that is wished for; without a wish any of them, and the leader if it is one. Whoever it is passes the checks of any
 * switchover.
 */
export function homeOf(observation: RoleObservation, facts: HomeFacts): HomeDecision {
  const zone = facts.placement?.primaryZone;
  const belong = facts.members.filter((member) => mayBeHome(member, zone)).map(({ name }) => name);
  const leader = leaderIn(observation);
  if (leader !== undefined && belong.includes(leader.name)) {
    return { kind: "already", leader: leader.name, ...(zone === undefined ? {} : { zone }) };
  }
  const barred = zone === undefined ? undefined : whyBarred(zone, facts, belong);
  if (leader === undefined || barred !== undefined) {
    return barred === undefined ? anybody(observation) : withPromise(barred, observation, facts);
  }
  const [target] = byFitness(observation.members.filter(({ name }) => belong.includes(name)));
  if (target !== undefined) return handOver(observation, facts, leader, target);
  const reasons = [`${belong.join(" or ")}, where the primary belongs, is not in the cluster`];
  return withPromise({ kind: "refused", reasons, remedy: bringBack }, observation, facts);
}

const bringBack = "Bring it back: `spiloctl status` shows what stands, `spiloctl zones probe` which zones.";

function mayBeHome(
  { zone, synchronous = true }: HomeFacts["members"][number],
  wished: string | undefined,
): boolean {
  return synchronous && (wished === undefined || zone === wished);
}

function whyBarred(zone: string, { placement }: HomeFacts, belong: readonly string[]): Refused | undefined {
  const declared = placement?.zones.find(({ name }) => name === zone);
  if (declared?.available === false) {
    const reasons = [`zone ${zone}, where the primary belongs, is not available`];
    const remedy = "When it is back: `spiloctl zones probe --write`, then `pulumi up`.";
    return { kind: "refused", reasons, remedy };
  }
  if (belong.length > 0) return undefined;
  const reasons = [
    `zone ${zone}, where the primary belongs, has no member that may have synchronous commits`,
  ];
  return { kind: "refused", reasons, remedy: "Set placement.primaryZone to a zone that holds members." };
}

/** Nobody leads: it is refused for that, as any switchover is. */
function anybody(observation: RoleObservation): HomeDecision {
  return ofSwitchover(checkSwitchover(observation, {}));
}

function handOver(
  observation: RoleObservation,
  facts: HomeFacts,
  leader: ObservedMember,
  target: ObservedMember,
): HomeDecision {
  // The others may be fit, and are not at home: nothing is said of them.
  const both = { ...observation, members: [leader, target] };
  const decision = checkSwitchover(both, { to: target.name });
  if (decision.kind !== "refused") return ofSwitchover(decision);
  const { reasons, remedy } = decision;
  const belongs = `The primary belongs on ${target.name}.`;
  return withPromise({ kind: "refused", reasons, remedy: `${belongs} ${remedy}` }, observation, facts);
}

function ofSwitchover(decision: SwitchoverDecision): HomeDecision {
  return decision.kind === "go" ? { kind: "go", to: decision.candidate.name } : decision;
}

/** Where a nosync member leads, somebody who may lead is better than nobody at home. */
function withPromise(refused: Refused, observation: RoleObservation, { members }: HomeFacts): Refused {
  const nosync = members.filter(({ synchronous = true }) => !synchronous).map(({ name }) => name);
  const leader = leaderIn(observation)?.name;
  if (leader === undefined || !nosync.includes(leader)) return refused;
  const fit = observation.members.filter(({ name }) => name === leader || !nosync.includes(name));
  const instead = checkSwitchover({ ...observation, members: fit }, {});
  if (instead.kind !== "go") return refused;
  const until = `Until then, \`spiloctl switchover --to ${instead.candidate.name}\` restores the zone promise.`;
  return { ...refused, remedy: `${refused.remedy} ${until}` };
}
