import {
  type ClusterPlan,
  type EnvVariable,
  type NetworkPlan,
  parseSpec,
  planCluster,
} from "../../cluster/index.ts";

/** The plan of a specification; everything not given is the default. */
export function planOf(written: object = {}): ClusterPlan {
  return planCluster(parseSpec({ name: "dev", ...written }));
}

/** The only, or first, of a plan's parts. */
export function firstOf<T>(parts: readonly T[]): T {
  const [first] = parts;
  if (first === undefined) throw new Error("the plan has no such part");
  return first;
}

/** The cluster's own network. */
export function networkOf({ cluster, network }: ClusterPlan): NetworkPlan {
  if (network === undefined) throw new Error(`${cluster} has no network of its own`);
  return network;
}

/** Variables as a container takes them. */
export function environment(variables: readonly EnvVariable[]): Record<string, string> {
  return Object.fromEntries(variables.map(({ name, value }) => [name, value]));
}
