import { z } from "zod";

/** As much of a resource in a state as says whose child it is. */
const resource = z.looseObject({
  urn: z.string(),
  type: z.string(),
  parent: z.string().optional(),
  inputs: z.record(z.string(), z.unknown()).optional(),
});

const exported = z.looseObject({
  deployment: z.looseObject({
    resources: z.array(resource).optional(),
    pending_operations: z.array(z.looseObject({ resource: resource })).optional(),
  }),
});

type Resource = z.infer<typeof resource>;

/** A state after a cluster has gone. */
export interface StateWithout {
  /** How many resources were the cluster's. */
  readonly dropped: number;
  /** Whether nothing else is in it: the stack may go. */
  readonly isEmpty: boolean;
  /** What is left, in the form that `pulumi stack import` takes. */
  readonly left: unknown;
}

/**
 * Takes a cluster out of a state: the component, and all that is below it.
 *
 * @param state what `pulumi stack export` says.
 * @param cluster its name, which is among the inputs of the component.
 * @throws ZodError when that is no state.
 */
export function stateWithout(state: unknown, cluster: string): StateWithout {
  const { deployment, ...others } = exported.parse(state);
  const { resources = [], pending_operations: pending = [], ...rest } = deployment;
  const gone = new Set<string>();
  // A child stands behind its parent.
  for (const one of resources) {
    if (isComponent(one, cluster) || (one.parent !== undefined && gone.has(one.parent))) gone.add(one.urn);
  }
  const left = resources.filter(({ urn }) => !gone.has(urn));
  const isOurs = ({ urn, parent = "" }: Resource) => gone.has(urn) || gone.has(parent);
  const leftPending = pending.filter((operation) => !isOurs(operation.resource));
  return {
    dropped: gone.size,
    isEmpty: left.every(isBare),
    left: { ...others, deployment: { ...rest, resources: left, pending_operations: leftPending } },
  };
}

function isComponent({ type, inputs }: Resource, cluster: string): boolean {
  return type === "spilo:index:SpiloCluster" && inputs?.["cluster"] === cluster;
}

/** What every stack has, and what is nothing by itself. */
function isBare({ type }: Resource): boolean {
  return type === "pulumi:pulumi:Stack" || type.startsWith("pulumi:providers:");
}
