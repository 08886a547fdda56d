import type { Seen } from "../../cluster/impact/change.ts";
import type { Claim } from "../../cluster/impact/claims.ts";
import type { ClusterChange, Configured } from "../../cluster/impact/declared.ts";
import { claimsOf } from "../../cluster/impact/impact.ts";
import { plannedChanges } from "../../cluster/impact/planned-changes.ts";
import type { Preview, Step } from "../../cluster/impact/preview.ts";
import { hasSpecifications, previewedChanges, strangersIn } from "../../cluster/impact/previewed-changes.ts";
import { highest, type Risk, riskOf } from "../../cluster/impact/risk.ts";
import { type KeyChange, specDiff } from "../../cluster/impact/spec-diff.ts";
import { verdictOf } from "../../cluster/impact/verdict.ts";
import { sentenceOf } from "../../cluster/impact/words.ts";
import { ActionError, reasonOf } from "../action-error.ts";
import type { ClusterHandle } from "../handle.ts";
import { type LookSources, lookAt } from "../impact/look.ts";
import {
  configuredIn,
  configuredInPreview,
  exportState,
  makePreview,
  savedPreview,
  savedState,
  textFrom,
} from "../impact/sources.ts";
import { type Whose, whoseIs } from "../impact/whose.ts";
import type { PulumiPlace } from "../run-pulumi.ts";
import { readStackFile } from "../zones/stack-file.ts";

export interface PlanOptions extends PulumiPlace {
  /** A saved preview, `-` for standard input. @default one is made */
  readonly preview?: string | undefined;
  /** A saved state, `-` for standard input. @default it is exported, where it is needed */
  readonly state?: string | undefined;
  /** Of a destroy. @default false */
  readonly destroy?: boolean;
  /** Without a preview: no engine is called. @default false */
  readonly offline?: boolean;
  /** Opens the running cluster of a stack, by default of the one that is selected; undefined: it is not looked at. */
  readonly open?: ((stack?: string) => Promise<ClusterHandle>) | undefined;
  /** Whom the look asks. @default the cluster */
  readonly sources?: LookSources;
}

/** A claim, and the same as a sentence. */
export type ToldClaim = Claim & { readonly says: string };

/** What a change does to one cluster. */
export interface ClusterImpact {
  readonly cluster: string;
  readonly risk: Risk;
  /** One sentence. */
  readonly verdict: string;
  /** Keys of the specification that have another value, defaults included. */
  readonly changed: readonly KeyChange[];
  readonly claims: readonly ToldClaim[];
  /** Whether the members were asked; what it says of roles is conditional when not. */
  readonly looked:
    | { readonly seen: true; readonly at: string }
    | { readonly seen: false; readonly why: string };
  /** What could not be known: sentences. */
  readonly unknown: readonly string[];
}

export interface PlanReport {
  readonly stack: string;
  /** From a preview of Pulumi's, or from the plans of two specifications. */
  readonly basis: "preview" | "offline";
  /** The highest of its clusters. */
  readonly risk: Risk;
  readonly verdict: string;
  readonly clusters: readonly ClusterImpact[];
}

/**
 * What a change does to the clusters of a stack, before it is made. Nothing is changed: a preview, and one look.
 *
 * @throws ActionError `failed` when there is no preview, or no state, and no reason in the specification for that.
 */
export async function plan(options: PlanOptions): Promise<PlanReport> {
  const { configured, changes, whose } = await (options.offline ? offline(options) : previewed(options));
  const looked =
    whose.other === undefined
      ? await lookIfChanged(changes, { ...options, stack: whose.stack })
      : { cluster: undefined, at: "", why: whose.other };
  const clusters = changes.map((change) => impactOf(change, looked, options.offline ?? false));
  const risk = highest(clusters.map((one) => one.risk));
  const [first] = clusters.filter((one) => one.risk === risk);
  return {
    stack: configured.stack,
    basis: options.offline ? "offline" : "preview",
    risk,
    verdict: first === undefined ? "no cluster changes" : first.verdict,
    clusters,
  };
}

interface Found {
  readonly configured: Configured;
  readonly changes: readonly ClusterChange[];
  readonly whose: Whose;
}

async function previewed(options: PlanOptions): Promise<Found> {
  const { preview: file, state, destroy = false } = options;
  const shown =
    file === undefined
      ? await makePreview(options, destroy)
      : savedPreview(file, await textFrom("--preview", file));
  const configured = configuredInPreview(shown);
  const whose = file === undefined ? { stack: options.stack } : whoseIs(configured.stack, options.stack);
  const kept =
    state === undefined
      ? await stateBeside(shown, whose, options)
      : savedState(state, await textFrom("--state", state));
  const changes = previewedChanges(shown, configured, kept);
  if (shown.errors.length > 0 && !changes.some(({ change }) => change.refusals.length > 0)) {
    throw noPlan(shown.errors);
  }
  const strangers = shown.errors.length > 0 ? [] : strangersIn(shown, configured, kept);
  if (strangers.length > 0) throw unknownTo(strangers);
  return { configured, changes, whose };
}

/** What has stopped a preview and is no refusal: what it shows is not all that would be done, or nothing. */
function noPlan(errors: readonly string[]): ActionError {
  return new ActionError(
    "failed",
    `there is no plan: the preview has failed\n${errors.join("\n")}\n` +
      "Where no engine can be reached, --offline does without a preview.",
  );
}

/** A preview that shows what stays the same has all of it; so has one that has nothing to begin from. */
async function stateBeside(
  shown: Preview,
  { stack, other }: Whose,
  options: PlanOptions,
): Promise<readonly Step[]> {
  if (hasSpecifications(shown) || other !== undefined) return [];
  // What is not known then is said.
  return await exportState({ ...options, stack }).catch(() => []);
}

function unknownTo(strangers: readonly string[]): ActionError {
  return new ActionError(
    "failed",
    `there is no plan: nobody says what is declared of ${strangers.join(", ")}: the preview leaves out what stays the same, and ` +
      "there is neither a state nor a specification in the configuration\n" +
      "Make the preview with `--show-sames`, or hand in the stack's exported state with --state.",
  );
}

async function offline(options: PlanOptions): Promise<Found> {
  const { state } = options;
  const configured = configuredIn(await readStackFile(options));
  const kept =
    state === undefined ? await exportState(options) : savedState(state, await textFrom("--state", state));
  const changes = plannedChanges(kept, configured);
  if (changes.length === 0) throw notConfigured(configured);
  return { configured, changes, whose: { stack: options.stack } };
}

function notConfigured({ stack, specification }: Configured): ActionError {
  const why =
    specification === undefined
      ? `the configuration of stack ${stack} has no spilo:cluster`
      : `spilo:cluster of stack ${stack} is none of the clusters in its state`;
  return new ActionError(
    "failed",
    `there is no plan: ${why}, so nobody says what they are to be\n` +
      "Leave out --offline where the program itself has the specification, or put it under spilo:cluster.",
  );
}

/** A cluster that is new has nobody to ask, and of one that stays as it is nobody has to be asked. */
async function lookIfChanged(
  changes: readonly ClusterChange[],
  { open, sources, stack }: PlanOptions,
): Promise<Looked | undefined> {
  if (open === undefined) return undefined;
  if (changes.every(({ change: { before, refusals } }) => before === undefined || refusals.length > 0))
    return undefined;
  try {
    const handle = await open(stack);
    const asked = await lookAt(handle, sources === undefined ? {} : { sources });
    const at = new Date().toISOString();
    return "known" in asked
      ? { cluster: handle.name, at, seen: asked.known }
      : { cluster: handle.name, at, why: asked.unknown };
  } catch (error) {
    if (!(error instanceof ActionError)) throw error;
    return { cluster: undefined, at: "", why: reasonOf(error) };
  }
}

interface Looked {
  /** Undefined: the stack's outputs cannot be read. */
  readonly cluster: string | undefined;
  readonly at: string;
  readonly seen?: Seen;
  readonly why?: string;
}

function impactOf(
  { cluster, change, unknown }: ClusterChange,
  looked: Looked | undefined,
  isOffline: boolean,
): ClusterImpact {
  const isOther = looked?.cluster !== undefined && looked.cluster !== cluster;
  const seen = isOther ? undefined : looked?.seen;
  const claims = claimsOf(change, seen);
  const why = isOther
    ? `the stack's outputs are those of ${looked.cluster}`
    : (looked?.why ?? "nobody was to be asked");
  return {
    cluster,
    risk: riskOf(claims),
    verdict: verdictOf(claims),
    changed: specDiff(change.before?.spec, change.after?.spec),
    claims: claims.map((claim) => ({ ...claim, says: sentenceOf(claim) })),
    looked:
      seen === undefined
        ? {
            seen: false,
            why: change.before === undefined ? "the cluster is not there yet" : (why.split("\n")[0] ?? why),
          }
        : { seen: true, at: looked?.at ?? "" },
    unknown: [...unknown, ...(isOffline ? unknownOffline : [])],
  };
}

/** What only a preview, which asks the engines, can say. */
const unknownOffline = [
  "whether an image is another one behind the same name",
  "which certificates are due by their age, and are renewed",
  "whether a key, a password or an authority that is handed in is another one",
  "what another version of this project, or of the program, makes of the same specification",
];
