import * as pulumi from "@pulumi/pulumi";
import type { Narrator } from "../actions/verbs/verb.ts";
import type { MachinesToReach } from "../actions/way/reached.ts";
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
  /** Makes sure that somebody answers, before anything is done. */
  reach(machines: MachinesToReach): Promise<void>;
  /** Gets a member ready to be taken away that no state knows of. */
  leave(reach: Reach, member: string): Promise<void>;
}

/** What is done by the program itself is told as what the program says. */
const asLog: Narrator = {
  step: (text) => void pulumi.log.info(text),
  note: (text) => void pulumi.log.info(text),
  warn: (text) => void pulumi.log.warn(text),
};

/** Whoever leads last, and whoever holds the endpoint's address. What asks is loaded when it is needed: not by a preview. */
export const asTheyStand: Orders = {
  members: async (reach) => (await import("../actions/rolling/order-members.ts")).orderMembers(reach),
  proxies: async (those) => (await import("../actions/proxy-order.ts")).orderProxies(those),
  reach: async (machines) => (await import("../actions/way/reached.ts")).insistOnReach(machines),
  leave: async (reach, member) =>
    (await import("../actions/rolling/leave-unknown.ts")).leaveUnknown(reach, member, asLog),
};
