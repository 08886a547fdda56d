import { ActionError } from "../../actions/action-error.ts";
import type { ClusterHandle } from "../../actions/handle.ts";
import type { RoleChange } from "../../actions/patroni/patroni-client.ts";
import type { PoolConsole } from "../../actions/pool-pause.ts";
import type { ProbeResult, WriteProbe } from "../../actions/probe/write-probe.ts";
import type { ObservedRoles } from "../../actions/switchover/observe-roles.ts";
import type { RoleTools } from "../../actions/switchover/role-tools.ts";
import type { Narrator } from "../../actions/verbs/verb.ts";
import type { Clock } from "../../actions/wait.ts";
import type { ObservedMember } from "../../cluster/running/switchover-checks.ts";
import type { Archiving } from "../../cluster/running/unarchived.ts";
import { virtualClock } from "./virtual-clock.ts";

/** Everything that is done to the world, in order: `pause proxy-1`, `switchover m-1 to m-2`. */
export type Act = string;

/** What happens instead of an act; `lost`: it is done, and nobody hears of it. */
export type Fault = "unreachable" | "failed" | "bug" | "hangs" | "interrupted" | "lost";

interface RoleWorldOptions {
  /** @default three, of which m-1 leads and the others are of the quorum */
  readonly observed?: Partial<ObservedRoles>;
  /** @default two */
  readonly pools?: readonly string[];
  /** How long the promotion takes, milliseconds. @default 400 */
  readonly promotionMs?: number;
  /** What the former leader logs meanwhile. */
  readonly log?: string;
  readonly history?: readonly RoleChange[];
}

export const member = (name: string, change: Partial<ObservedMember> = {}): ObservedMember => ({
  name,
  role: "quorum_standby",
  state: "streaming",
  lagBytes: 0,
  timeline: 1,
  ...change,
});

export const healthy: ObservedRoles = {
  members: [member("m-1", { role: "leader", state: "running" }), member("m-2"), member("m-3")],
  silent: [],
  paused: false,
  synchronousMode: "quorum",
  maximumLagBytes: 1024 * 1024,
  ttl: 30,
  loopWait: 10,
};

/** Changes nothing and may fail at any time. */
const looks = [
  "observe",
  "leader",
  "primary",
  "position",
  "slots",
  "archiver",
  "history",
  "log",
  "read log",
  "probe",
  "in service",
];

/**
 * A cluster in memory, which obeys as Patroni, PgBouncer and an engine do: who leads changes a while after it was asked
 * for, a pool is paused until it is resumed or its lease ends.
 */
export class RoleWorld {
  readonly acts: Act[] = [];
  readonly told: string[] = [];
  /** What the candidate lacks, look by look; then nothing. */
  readonly uncopied: string[][] = [];
  readonly warnings: string[] = [];
  readonly recorded: object[] = [];
  readonly clock: Clock = virtualClock();
  readonly paused = new Set<string>();
  /** How the leader's archiver gets on. */
  archiving = (): Archiving => ({
    waiting: 0,
    oldestWaitingSeconds: null,
    lastSeconds: 5,
    lastFailedSeconds: null,
  });
  /** Until when a pool's lease lasts. */
  readonly leases = new Map<string, number>();
  /** For how long any pool's clients have had to wait, milliseconds. */
  longestPauseMs = 0;
  leader: string | undefined;
  timeline = 1;
  /** Answers of Patroni's: what it refuses. */
  refusal: ActionError | undefined;
  /** Patroni promotes this one, whoever was asked for. */
  promotes: string | undefined;
  scheduled: ObservedRoles["scheduled"];
  readonly probes: { stopped: boolean }[] = [];
  readonly down = new Set<string>();
  private readonly options: RoleWorldOptions;
  private readonly controller = new AbortController();
  private readonly counts = new Map<string, number>();
  private readonly since = new Map<string, number>();
  private fault: { readonly act: string; readonly nth: number; readonly kind: Fault } | undefined;
  /** Faults that have happened. */
  faulted = 0;

  constructor(options: RoleWorldOptions = {}) {
    this.options = options;
    this.leader = this.observed.members.find(({ role }) => role === "leader")?.name;
    this.scheduled = this.observed.scheduled;
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  interrupt(): void {
    this.controller.abort(new Error("interrupted"));
  }

  /** The nth time that an act begins with this, something else happens. */
  failAt(act: string, nth: number, kind: Fault): this {
    this.fault = { act, nth, kind };
    return this;
  }

  /** Acts that change something: all but looks. */
  get changes(): readonly Act[] {
    return this.acts.filter((act) => !looks.some((look) => act.startsWith(look)));
  }

  get handle(): ClusterHandle {
    const never = (): never => {
      throw new Error("everything goes by the tools");
    };
    const login = { user: "operator_1", password: "secret" };
    return {
      ...{
        name: "orders",
        incarnation: "1a2b3c4d",
        members: [],
        replicas: [],
        voters: [],
        proxies: [],
        dcsPrefix: "/spilo-1/orders/",
      },
      endpoint: { address: "10.0.0.10", readWritePort: 5000, readOnlyPort: 5001 },
      archive: {
        bucket: "b",
        prefix: "p",
        endpoint: "https://s3",
        region: "r",
        accessKey: "a",
        secretKey: "s",
      },
      ...{ synchronousStandbys: 1, recovery: { objective: "normal" } },
      access: { ca: "", certificate: "", privateKey: "" },
      patroni: new Proxy(Object.create(null), { get: never }),
      etcd: new Proxy(Object.create(null), { get: never }),
      ...{ operator: login, credentials: { rest: login, etcd: login }, execOn: never, clock: this.clock },
      record: never,
    };
  }

  get narrator(): Narrator {
    return {
      step: (text) => void this.told.push(text),
      note: (text) => void this.told.push(text),
      warn: (text) => void this.warnings.push(text),
    };
  }

  get tools(): RoleTools {
    return {
      observe: async () => {
        await this.act("observe");
        return this.nowObserved();
      },
      leader: async () => {
        await this.act("leader");
        return this.leader;
      },
      primary: async (name) => {
        await this.act(`primary ${name}`);
        const leads = this.leader === name;
        return { leads, takesWrites: leads, timeline: this.timeline };
      },
      position: async (name) => {
        await this.act(`position ${name}`);
        return name === this.leader ? { written: 1000 } : { replayed: 1000 };
      },
      uncopiedSlots: async (_, standby) => {
        await this.act(`slots ${standby}`);
        return this.uncopied.shift() ?? [];
      },
      archiver: async (name) => {
        await this.act(`archiver ${name}`);
        return this.archiving();
      },
      history: async () => {
        await this.act("history");
        return this.options.history ?? [];
      },
      switchover: async ({ leader, candidate, scheduledAt }) => {
        const ended = await this.act(
          `switchover ${leader} to ${candidate ?? "anybody"}${scheduledAt ? ` at ${scheduledAt}` : ""}`,
        );
        if (this.refusal) throw this.refusal;
        if (scheduledAt === undefined) {
          const promoted = this.promote(this.promotes ?? candidate ?? "m-2");
          ended();
          return await promoted;
        }
        this.scheduled = {
          at: scheduledAt,
          from: leader,
          ...(candidate === undefined ? {} : { to: candidate }),
        };
        return "Switchover scheduled";
      },
      cancelSwitchover: async () => {
        await this.act("cancel");
        const was = this.scheduled !== undefined;
        this.scheduled = undefined;
        return was;
      },
      failover: async (candidate) => {
        await this.act(`failover to ${candidate}`);
        if (this.refusal) throw this.refusal;
        return await this.promote(this.promotes ?? candidate);
      },
      startProbe: () => this.probe(),
      proxies: ["proxy-1", "proxy-2"],
      leadTo: async (proxy, name) => {
        await this.act(`lead-to ${proxy} ${name}`);
        while (this.leader !== name) await this.clock.sleep(50, this.signal);
      },
      pools: (this.options.pools ?? ["proxy-1", "proxy-2"]).map((proxy) => ({
        proxy,
        lease: async (_token, seconds) => {
          await this.act(`${seconds === 0 ? "give back" : "lease"} ${proxy}`);
          if (seconds === 0) this.leases.delete(proxy);
          else this.leases.set(proxy, this.clock.now() + seconds * 1000);
        },
        connect: async () => this.console(proxy),
      })),
      container: (name) => ({
        kill: async () => {
          await this.act(`kill ${name}`);
          this.down.add(name);
          void this.clock.sleep(20_000).then(() => this.promote(this.promotes ?? "m-3"));
        },
        start: async () => {
          await this.act(`start ${name}`);
          this.down.delete(name);
        },
        markLog: async () => {
          await this.act(`log ${name}`);
          return async () => {
            await this.act(`read log ${name}`);
            return this.options.log ?? "";
          };
        },
      }),
      inService: async ({ what, names }) => {
        await this.act(`in service ${names.join(" ")}`);
        const missing = names.filter((name) => this.down.has(name));
        if (missing.length > 0) throw new ActionError("deadline", `${what}: ${missing.join()} is down`);
      },
      record: async (kind, detail) => {
        await this.act(`record ${kind}`).catch(() => undefined);
        this.recorded.push({ kind, ...detail });
        return true;
      },
      clock: this.clock,
      signal: this.signal,
    };
  }

  private get observed(): ObservedRoles {
    return { ...healthy, ...this.options.observed };
  }

  private nowObserved(): ObservedRoles {
    const { scheduled: _, ...observed } = this.observed;
    return { ...observed, ...(this.scheduled === undefined ? {} : { scheduled: this.scheduled }) };
  }

  /** First nobody leads, then the new one does; Patroni says so a second later. */
  private async promote(name: string): Promise<string> {
    this.leader = undefined;
    await this.clock.sleep(this.options.promotionMs ?? 400);
    this.leader = name;
    this.timeline += 1;
    await this.clock.sleep(1000);
    return `Successfully switched over to "${name}"`;
  }

  private console(proxy: string): PoolConsole {
    return {
      pause: async () => {
        const ended = await this.act(`pause ${proxy}`);
        this.paused.add(proxy);
        this.since.set(proxy, this.clock.now());
        ended();
      },
      resume: async () => {
        const ended = await this.act(`resume ${proxy}`);
        const waited = this.clock.now() - (this.since.get(proxy) ?? this.clock.now());
        this.longestPauseMs = Math.max(this.longestPauseMs, waited);
        this.paused.delete(proxy);
        ended();
      },
      end: () => undefined,
    };
  }

  private probe(): WriteProbe {
    const probe = { stopped: false };
    this.probes.push(probe);
    return {
      writes: async (count) => {
        await this.act(`probe writes ${count}`);
      },
      stop: async () => {
        probe.stopped = true;
        return measuredByProbe;
      },
    };
  }

  /** @returns what ends an act that is done: with an error when nobody hears of it. */
  private async act(act: Act): Promise<() => void> {
    const count = (this.counts.get(act) ?? 0) + 1;
    this.counts.set(act, count);
    this.acts.push(act);
    const { fault } = this;
    if (fault === undefined || !act.startsWith(fault.act) || count !== fault.nth) return () => undefined;
    this.faulted += 1;
    switch (fault.kind) {
      case "unreachable":
        throw new ActionError("unreachable", `${act}: nobody answers`);
      case "failed":
        throw new ActionError("failed", `${act}: no`);
      case "bug":
        throw new TypeError(`${act}: undefined is not a function`);
      case "interrupted":
        this.interrupt();
        return () => undefined;
      case "lost":
        return () => {
          throw new ActionError("unreachable", `${act}: the answer was lost`);
        };
      case "hangs":
        // The act may be done or not: here it is not, and whoever waits has to have a deadline.
        return await new Promise(() => undefined);
    }
  }
}

export const measuredByProbe: ProbeResult = {
  acknowledged: 120,
  failures: 3,
  missing: [],
  longestGapMs: 640,
  gapBegan: "2030-01-01T00:00:00.000Z",
  stillOut: false,
  writesPerSecondBefore: 90,
};
