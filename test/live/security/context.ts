import type { LiveCluster } from "../cluster-view.ts";
import type { Secret } from "../secrets.ts";
import type { World } from "../world.ts";

/** The cluster that is attacked, and what is known of it. */
export interface Attacked {
  readonly name: string;
  readonly world: World;
  readonly cluster: LiveCluster;
  /** An image with an attacker's tools. */
  readonly image: string;
  /** A network that has nothing to do with the cluster. */
  readonly foreign: string;
  /** Such as `10.90.7.`: what its addresses begin with. */
  readonly prefix: string;
  readonly secrets: readonly Secret[];
  /** What was seen while it was made. */
  readonly seen: { readonly log: string; readonly processes: readonly string[] };
}

/** Asked inside of tests only: before that, there is no cluster yet. */
export type Get = () => Attacked;

/** Names of the secrets that a text holds. */
export function secretsIn(text: string, { secrets }: Attacked): string[] {
  return secrets
    .filter(({ value }) => text.includes(value))
    .map(({ name }) => name)
    .sort();
}
