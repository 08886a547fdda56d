import type { MaintenanceTimes } from "../../cluster/plan-types.ts";
import {
  describeMaintenance,
  isOpen,
  type MaintenanceWindow,
  windowAt,
} from "../../cluster/upkeep/maintenance.ts";
import { ActionError } from "../action-error.ts";
import { type ClusterEvent, readEvents } from "../events.ts";
import type { ClusterHandle } from "../handle.ts";
import { lengthsFrom } from "../maintenance/lengths.ts";
import { lookAtCluster, type MaintenanceLook, unsaid } from "../maintenance/look.ts";
import { type PendingWork, pendingWork } from "../maintenance/pending-work.ts";
import { MaintenanceRun, type Restarted } from "../maintenance/run.ts";
import { describeWork, otherWaits, type WaitingWork } from "../maintenance/waiting-work.ts";
import type { ProbeResult, WriteProbe } from "../probe/write-probe.ts";
import { ask, known } from "../status/ask.ts";
import type { UnknownReport } from "../status/report.ts";
import type { Narrator } from "./verb.ts";

/** What is looked at; a test hands in its own. */
interface MaintenanceSources {
  readonly look: (handle: ClusterHandle) => Promise<MaintenanceLook>;
  readonly events: (handle: ClusterHandle) => Promise<readonly ClusterEvent[]>;
}

const realSources: MaintenanceSources = {
  look: lookAtCluster,
  // States are noted as well, and come more often than restarts.
  events: (handle) => readEvents(handle, 1000),
};

export interface MaintainOptions {
  /** Works whether the window is open or not, and however long it takes. @default false */
  readonly anyTime?: boolean;
  /** Only says what would be done. @default false */
  readonly dryRun?: boolean;
  /** Writes while the leader restarts, to see for how long nobody can. @default the outage is not measured */
  readonly startProbe?: () => WriteProbe;
  /** @default the machine's clock */
  readonly time?: () => Date;
  /** @default the cluster itself */
  readonly sources?: Partial<MaintenanceSources>;
}

export interface MaintainReport {
  readonly cluster: string;
  /** The one that is open, or else the next. */
  readonly window: {
    /** ISO 8601. */
    readonly start: string;
    readonly end: string;
    /** When the verb began. */
    readonly open: boolean;
    /** `every day from 23:45, for 60 minutes (UTC)`. */
    readonly declared: string;
  };
  /** What was pending when it began. */
  readonly pending: readonly PendingWork[];
  /** In the order in which they went. */
  readonly restarted: readonly Restarted[];
  /** What is still pending, each with when it is done. */
  readonly waiting: readonly WaitingWork[];
  /** What could not be asked, so that there may be more to do. */
  readonly unknown: readonly UnknownReport[];
  /** What an application saw of the leader's restart; absent when that was not looked at. */
  readonly outage?: ProbeResult;
}

/**
 * Does what is pending in the maintenance window: restarts the members that wait for it, standbys first and the leader
 * last, one after the other as `restart` does. A step begins only if what it took before fits until the window closes;
 * then that step and all after it wait for the next window. Outside of the window nothing is done. What others do is
 * listed: certificates are renewed by `pulumi up`, and Patroni does by itself what it was told to do at a time.
 *
 * @throws Refusal while Patroni is paused, when there is something to do, and where `restart` is refused.
 * @throws ActionError `unreachable` when no member answers; `failed` for a stack that says no window; as `restart` does
 *   otherwise, with what was done by then.
 */
export async function maintain(
  handle: ClusterHandle,
  options: MaintainOptions,
  narrator: Narrator,
): Promise<MaintainReport> {
  const { anyTime = false, dryRun = false, startProbe, time = () => new Date() } = options;
  const sources = { ...realSources, ...options.sources };
  const times = timesOf(handle);
  const [seen, events] = await Promise.all([sources.look(handle), ask(() => sources.events(handle))]);
  if (seen.haState === null) {
    throw new ActionError("unreachable", "no member answers, so nobody knows what is pending");
  }
  const began = time();
  const window = windowAt(times, began);
  const pending = pendingWork(seen, lengthsFrom(known(events) ?? []));
  const run = new MaintenanceRun(handle, { anyTime, dryRun, startProbe, time, times, window, narrator });
  const open = isOpen(window, began);
  tellWindow(times, window, open, narrator);
  for (const work of pending) narrator.note(describeWork(work));
  if (pending.length === 0) narrator.note("nothing is pending");
  const restarts = pending.filter((work) => work.kind === "restart");
  if (dryRun || !(open || anyTime)) run.putOff(restarts, began);
  else await run.work(restarts, seen.paused ?? false);
  const { restarted, waits, outage } = run;
  return {
    cluster: handle.name,
    window: {
      start: window.start.toISOString(),
      end: window.end.toISOString(),
      open,
      declared: describeMaintenance(times),
    },
    pending,
    restarted,
    waiting: [...waits, ...pending.flatMap(otherWaits)],
    unknown: [...seen.unknown, ...unsaid("what restarts took before", events)],
    ...(outage === undefined ? {} : { outage }),
  };
}

function timesOf({ name, maintenance }: ClusterHandle): MaintenanceTimes {
  if (maintenance !== undefined) return maintenance;
  throw new ActionError(
    "failed",
    `cluster ${name}: the stack's outputs name no maintenance window: run \`pulumi up\` with this version, ` +
      "and export what index.ts of pulumi-spilo does",
  );
}

function tellWindow(
  times: MaintenanceTimes,
  { start, end }: MaintenanceWindow,
  open: boolean,
  narrator: Narrator,
): void {
  const when = open
    ? `it is open until ${end.toISOString()}`
    : `the next one is from ${start.toISOString()} to ${end.toISOString()}`;
  narrator.note(`the window is ${describeMaintenance(times)}: ${when}`);
}
