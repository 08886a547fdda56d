import { z } from "zod";
import type { MarkedOwner } from "../../cluster/leases/marker.ts";
import { withoutReferences } from "./references.ts";

/** As much of a resource in a state as says whose child it is, and of which life. */
const resource = z.looseObject({
  urn: z.string(),
  type: z.string(),
  id: z.string().optional(),
  parent: z.string().optional(),
  /** It was replaced, and is still to be deleted. */
  delete: z.boolean().optional(),
  inputs: z.record(z.string(), z.unknown()).optional(),
  outputs: z.record(z.string(), z.unknown()).optional(),
  provider: z.string().optional(),
  deletedWith: z.string().optional(),
  dependencies: z.array(z.string()).optional(),
  replaceWith: z.array(z.string()).optional(),
  propertyDependencies: z.record(z.string(), z.array(z.string()).nullable()).optional(),
});

const exported = z.looseObject({
  deployment: z.looseObject({
    resources: z.array(resource).optional(),
    pending_operations: z.array(z.looseObject({ resource: resource })).optional(),
  }),
});

type Resource = z.infer<typeof resource>;

/** A state after one life of a cluster has gone. */
export interface StateWithout {
  /** What it had before: that life, another one of the cluster, or neither. */
  readonly has: "it" | "another life" | "neither";
  /** From when on its time to live counts, by its marker as the state has it: ISO 8601; undefined: it does not say. */
  readonly since: string | undefined;
  /** Whether nothing else is in it: the stack may go. */
  readonly isEmpty: boolean;
  /** What is left, in the form that `pulumi stack import` takes. */
  readonly left: unknown;
}

/**
 * Takes one life of a cluster out of a state: the component, and all that is below it. What depends on that stays without
 * it. Another life stays as it is: its keys and passwords are nowhere else.
 *
 * @param state what `pulumi stack export` says.
 * @param of the cluster's name, which is among the inputs of the component, and the incarnation, which is the id of one
 *   resource below it.
 * @throws ZodError when that is no state.
 */
export function stateWithout(
  state: unknown,
  { cluster, incarnation }: Pick<MarkedOwner, "cluster" | "incarnation">,
): StateWithout {
  const { deployment, ...others } = exported.parse(state);
  const { resources = [], pending_operations: pending = [], ...rest } = deployment;
  const components = resources.filter((one) => isComponent(one, cluster));
  const ours = components.map((one) => below(one, resources)).filter((all) => isOfLife(all, incarnation));
  const gone = new Set(ours.flat().map(({ urn }) => urn));
  const left = resources.filter(({ urn }) => !gone.has(urn)).map((one) => withoutReferences(one, gone));
  const isOurs = ({ urn, parent = "" }: Resource) => gone.has(urn) || gone.has(parent);
  const leftPending = pending
    .filter((operation) => !isOurs(operation.resource))
    .map((operation) => ({ ...operation, resource: withoutReferences(operation.resource, gone) }));
  const has = ours.length > 0 ? "it" : components.length > 0 ? "another life" : "neither";
  return {
    has,
    since: ours.flat().map(sinceOf).find(Boolean),
    isEmpty: left.every(isBare),
    left: { ...others, deployment: { ...rest, resources: left, pending_operations: leftPending } },
  };
}

/** A resource, and all that is below it. A child stands behind its parent. */
function below(top: Resource, resources: readonly Resource[]): readonly Resource[] {
  const urns = new Set([top.urn]);
  return resources.filter(({ urn, parent = "" }) => {
    if (urns.has(parent)) urns.add(urn);
    return urns.has(urn);
  });
}

/** What does not say of which life it is, is of none that has a marker: the incarnation is made before that. */
function isOfLife(all: readonly Resource[], incarnation: string): boolean {
  const lives = all.filter((one) => one.type === "spilo:index:Incarnation" && one.delete !== true);
  return lives.length > 0 && lives.every(({ id }) => id === incarnation);
}

function sinceOf({ type, outputs }: Resource): string | undefined {
  const since = type === "spilo:index:Marker" ? outputs?.["since"] : undefined;
  return typeof since === "string" ? since : undefined;
}

function isComponent({ type, inputs }: Resource, cluster: string): boolean {
  return type === "spilo:index:SpiloCluster" && inputs?.["cluster"] === cluster;
}

/** What every stack has, and what is nothing by itself. */
function isBare({ type }: Resource): boolean {
  return type === "pulumi:pulumi:Stack" || type.startsWith("pulumi:providers:");
}
