/**
 * What a change does to a running cluster, as claims: each says one thing that comes true or does not when the change is
 * made, so that a test can hold every one of them against what happened.
 */

import type { Json } from "../settings/merge-patch.ts";
import type { SlotEffect } from "../settings/slots.ts";
import type { Ways } from "./endpoint-ways.ts";

/** Kinds of what runs in a container, or on a machine, of its own. */
export const partKinds = ["member", "replica", "voter", "proxy", "s3"] as const;

export type PartKind = (typeof partKinds)[number];

/** What becomes of the data of a part that is removed. `left`: on an engine that is not asked any more. */
export type Fate = "kept" | "removed" | "left" | "none";

/** What brings another value into force. */
type Takes = "reload" | "restart" | "replacement";

export interface ValueChange {
  /** Of a parameter, or of a setting of Patroni's. */
  readonly name: string;
  /** Null: the default. */
  readonly from: Json;
  readonly to: Json;
  readonly takes: Takes;
}

/**
 * What interrupts writing. `restart`: of the leader's PostgreSQL; `replacement`: of the only member; `slot copies`: all
 * standbys restart, maybe at the same time, and commits wait for one; `endpoint`: they find nobody where they go now, until
 * they follow.
 */
export type OutageCause = "switchover" | "restart" | "replacement" | "slot copies" | "endpoint";

/** How long clients take to follow an endpoint is theirs to say; all else is measured. */
export type MeasuredCause = Exclude<OutageCause, "endpoint">;

/** Where the figure of an outage comes from. */
export type FigureSource =
  /** This cluster's own table `spilo_events`: so many of the newest. */
  | { readonly kind: "history"; readonly events: number }
  /** A file of this project's. */
  | { readonly kind: "docs"; readonly page: string };

/** `at risk`: made by hand and declared nowhere. Patroni drops it once it is idle after a restart or a switchover. */
type SlotFate = SlotEffect | "at risk";

export type Claim =
  /** `up` refuses it, and nothing is touched. */
  | { readonly kind: "refused"; readonly path: string; readonly message: string; readonly remedy: string }
  /** `up` refuses it unless the cluster stands so by then; nobody has looked how it stands. */
  | {
      readonly kind: "refused unless";
      readonly path: string;
      readonly message: string;
      readonly remedy: string;
      /** How: half a sentence. */
      readonly unless: string;
    }
  /** `up` waits for something that is not so now, and then ends. */
  | { readonly kind: "blocked"; readonly reason: string }
  /** Other containers, by the same names. */
  | { readonly kind: "replaced"; readonly part: PartKind; readonly names: readonly string[] }
  | { readonly kind: "created"; readonly part: PartKind; readonly names: readonly string[] }
  | {
      readonly kind: "removed";
      readonly part: PartKind;
      readonly names: readonly string[];
      readonly data: Fate;
    }
  /** All others of that kind keep the containers that they have. */
  | { readonly kind: "untouched"; readonly part: PartKind; readonly names: readonly string[] }
  /** In their containers: PostgreSQL of a member, the whole of a voter. */
  | { readonly kind: "restarted"; readonly part: "member" | "voter"; readonly names: readonly string[] }
  | { readonly kind: "set"; readonly values: readonly ValueChange[] }
  /** They show another certificate, taken over without a restart of theirs. */
  | { readonly kind: "renewed"; readonly names: readonly string[] }
  /** How often somebody is promoted: the most if one of `ifLeads` leads when it begins, the least if not. */
  | {
      readonly kind: "switchovers";
      readonly least: number;
      readonly most: number;
      readonly ifLeads: readonly string[];
    }
  /** In which order members and read replicas are replaced. */
  | { readonly kind: "order"; readonly names: readonly string[] }
  | { readonly kind: "leader"; readonly before: string; readonly after: readonly string[] }
  /** The longest time in which an application cannot write. Empty: it can all the time. */
  | {
      readonly kind: "outage";
      readonly causes: readonly OutageCause[];
      /** Milliseconds; null: nobody has measured it. */
      readonly expectedMs: number | null;
      readonly worstMs: number | null;
      readonly source: FigureSource | null;
    }
  /** Their data stays where it is: names of parts. */
  | { readonly kind: "kept"; readonly names: readonly string[] }
  /** Data that is gone afterwards, and cannot be had back. */
  | {
      readonly kind: "lost";
      readonly what: "database" | "backups";
      readonly why: string;
      readonly remedy: string;
    }
  | { readonly kind: "slot"; readonly name: string; readonly effect: SlotFate }
  /** Base backups and WAL are kept for another number of days. */
  | { readonly kind: "retention"; readonly from: number; readonly to: number }
  | { readonly kind: "logins"; readonly application: string; readonly closed: readonly string[] }
  /** Certificates are another authority's: clients need the output `ca` anew. */
  | { readonly kind: "authority"; readonly generation: number }
  /** Where clients go, as the output `endpoint` says it. */
  | { readonly kind: "endpoint"; readonly from: Ways; readonly to: Ways }
  /** What the cluster survives, as its output of that name says. */
  | { readonly kind: "survives"; readonly before: readonly string[]; readonly after: readonly string[] }
  /** Whether a destroy is refused. */
  | { readonly kind: "protection"; readonly on: boolean };

export type ClaimKind = Claim["kind"];
