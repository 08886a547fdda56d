import type { Reach } from "./reach.ts";

/** Which proxies there are, and what one of them holds. */
interface ProxiesToOrder {
  readonly proxies: readonly { readonly name: string; readonly engine: string }[];
  readonly virtualAddress: string;
}

/**
 * In which order parts are taken by an update: asked of the running cluster once, when the update runs, and never by a
 * preview. Each answers with all the names.
 */
export interface Orders {
  members(reach: Reach): Promise<readonly string[]>;
  proxies(those: ProxiesToOrder): Promise<readonly string[]>;
}

/** Whoever leads last, and whoever holds the endpoint's address. What asks is loaded when it is needed: not by a preview. */
export const asTheyStand: Orders = {
  members: async (reach) => (await import("../actions/rolling/order-members.ts")).orderMembers(reach),
  proxies: async (those) => (await import("../actions/proxy-order.ts")).orderProxies(those),
};
