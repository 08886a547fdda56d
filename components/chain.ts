import type * as pulumi from "@pulumi/pulumi";

/**
 * Parts that are taken one after the other: each depends on the end of the step before. The order is decided when the
 * update runs, and is nowhere an input: another order by itself changes nothing.
 */
export class Chain {
  private readonly ends = new Map<string, pulumi.Resource>();
  private readonly first: readonly pulumi.Resource[];
  private readonly order: pulumi.Output<readonly string[]>;

  /**
   * @param first what has to be there before the first of them.
   * @param order names of all parts; must resolve without waiting for any of them.
   */
  constructor(first: readonly pulumi.Resource[], order: pulumi.Output<readonly string[]>) {
    this.first = first;
    this.order = order;
  }

  /** What the step of a part waits for. */
  before(name: string): pulumi.Output<pulumi.Resource[]> {
    return this.order.apply((names) => {
      const previous = names[names.indexOf(name) - 1];
      const end = previous === undefined ? undefined : this.ends.get(previous);
      return end === undefined ? [...this.first] : [...this.first, end];
    });
  }

  /** Notes what ends a part's step. */
  endsWith(name: string, end: pulumi.Resource): void {
    this.ends.set(name, end);
  }

  /** What there is when all parts are done. */
  get all(): readonly pulumi.Resource[] {
    return [...this.ends.values()];
  }
}
