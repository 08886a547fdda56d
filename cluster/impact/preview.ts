import { z } from "zod";
import { jsonIn } from "../json-in.ts";
import type { ClusterPlan } from "../plan-types.ts";
import { namedIn, type PartChanges, partsOf } from "./parts.ts";

const state = z.looseObject({
  type: z.string(),
  parent: z.string().optional(),
  protect: z.boolean().optional(),
  inputs: z.record(z.string(), z.unknown()).default({}),
});

/** What `pulumi preview --json` prints, as much as is read of it. */
const preview = z.looseObject({
  config: z.record(z.string(), z.unknown()).default({}),
  steps: z
    .array(
      z.looseObject({
        op: z.string(),
        urn: z.string(),
        oldState: state.optional(),
        newState: state.optional(),
        replaceReasons: z.array(z.string()).nullish(),
      }),
    )
    .default([]),
  diagnostics: z
    .array(z.looseObject({ urn: z.string().optional(), message: z.string(), severity: z.string() }))
    .default([]),
});

/** What `pulumi stack export` prints, as much as is read of it. */
const exported = z.looseObject({
  deployment: z.looseObject({
    resources: z.array(z.looseObject({ urn: z.string() }).and(state)).default([]),
  }),
});

/** A resource that an update would touch. */
export interface Step {
  /** create, update, replace or delete; `same` of one that stays. */
  readonly op: string;
  readonly urn: string;
  /** Of the resource, in the words of the engine: `docker:index/container:Container`. */
  readonly type: string;
  readonly name: string;
  /** Of the component that it belongs to; undefined: none. */
  readonly parent: string | undefined;
  readonly isProtected: boolean;
  readonly before: Inputs | undefined;
  readonly after: Inputs | undefined;
  /** Inputs for which it is replaced. */
  readonly reasons: readonly string[];
}

type Inputs = Readonly<Record<string, unknown>>;

export interface Preview {
  readonly config: Inputs;
  readonly steps: readonly Step[];
  /** What stops it, as it was said; empty: nothing does. */
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
}

/**
 * Reads a preview of an update or of a destroy.
 *
 * @returns undefined when it is none.
 */
export function readPreview(text: string): Preview | undefined {
  const parsed = preview.safeParse(jsonIn(text));
  // A file of JSON that is something else has none of them.
  if (!parsed.success || (parsed.data.steps.length === 0 && parsed.data.diagnostics.length === 0))
    return undefined;
  const { config, steps, diagnostics } = parsed.data;
  const said = (severity: string) =>
    diagnostics.filter((one) => one.severity === severity).map(({ message }) => message.trim());
  return {
    config,
    steps: steps.map((step) => {
      const known = step.newState ?? step.oldState;
      return {
        op: opOf(step.op),
        urn: step.urn,
        ...typeAndName(step.urn),
        parent: known?.parent,
        isProtected: step.oldState?.protect ?? false,
        before: step.oldState?.inputs,
        after: step.newState?.inputs,
        reasons: step.replaceReasons ?? [],
      };
    }),
    errors: said("error"),
    warnings: said("warning"),
  };
}

/** What a stack's exported state has: resources as if an update left all of them as they are; undefined: it is none. */
export function readState(text: string): readonly Step[] | undefined {
  const parsed = exported.safeParse(jsonIn(text));
  if (!parsed.success) return undefined;
  return parsed.data.deployment.resources.map(({ urn, parent, protect = false, inputs }) => {
    const known = { op: "same", urn, ...typeAndName(urn), parent, isProtected: protect };
    return { ...known, before: inputs, after: inputs, reasons: [] };
  });
}

/** Where a part is deleted before the next one is made, the engine may tell of both by themselves. */
function opOf(op: string): string {
  if (/^(create-replacement|delete-replaced|replace|import-replacement)$/.test(op)) return "replace";
  return op;
}

/** A URN ends with the types from the outermost component to the resource, and its name. */
function typeAndName(urn: string): { readonly type: string; readonly name: string } {
  const [, , types = "", ...name] = urn.split("::");
  return { type: types.split("$").at(-1) ?? "", name: name.join("::") };
}

/** Of the resources that a part runs as. */
const runs: ReadonlySet<string> = new Set(["docker:index/container:Container", "aws:ec2/instance:Instance"]);
const volumes: ReadonlySet<string> = new Set(["docker:index/volume:Volume", "aws:ebs/volume:Volume"]);

/** What the steps of one cluster do to its parts. */
export function previewedParts(
  steps: readonly Step[],
  before: ClusterPlan | undefined,
  after: ClusterPlan | undefined,
): PartChanges {
  const [had, has] = [partsOf(before), partsOf(after)];
  const of = (types: ReadonlySet<string>, op: string) =>
    new Set(steps.filter((step) => types.has(step.type) && step.op === op).map(({ name }) => name));
  const replaced = of(runs, "replace");
  const gone = of(runs, "delete");
  const made = of(runs, "create");
  const retained = new Set(had.flatMap((part) => (part.retained ? [part.volume] : [])));
  const renewed = has.filter(({ plan: { name } }) => steps.some((step) => isRenewal(step, name)));
  return {
    replaced: namedIn(has, replaced),
    created: namedIn(has, made),
    removed: namedIn(had, gone),
    renewed: renewed.map(({ plan }) => plan.name).filter((name) => !replaced.has(name) && !made.has(name)),
    volumesLost: [
      ...of(volumes, "replace"),
      ...[...of(volumes, "delete")].filter((name) => !retained.has(name)),
    ].filter((name) => had.some(({ volume }) => volume === name)),
  };
}

/** Its files are secret: that they are another certificate's is told by the certificate. */
function isRenewal({ op, type, name }: Step, part: string): boolean {
  return op === "update" && type === "spilo:index:Certificate" && name === `${part}-certificate`;
}
