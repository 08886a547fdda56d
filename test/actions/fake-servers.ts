import { setImmediate as turn } from "node:timers/promises";
import { ActionError } from "../../actions/action-error.ts";
import type { ContainerExec, ExecResult } from "../../actions/engine/container-exec.ts";
import type { Document, PatroniClient } from "../../actions/patroni/patroni-client.ts";
import type { StopHandle } from "../../actions/verbs/stop.ts";
import type { Narrator } from "../../actions/verbs/verb.ts";
import { applyMergePatch } from "../../cluster/settings/merge-patch.ts";
import { hastyClock } from "../provider/hasty-clock.ts";

type MemberStatus = Awaited<ReturnType<PatroniClient["member"]>>;

/** One server with its Patroni. */
export interface FakeServer {
  readonly name: string;
  state: string;
  streams: boolean;
  synchronous: boolean;
  timeline: number;
  /** Another one after every start. */
  started: number;
  pendingRestart: boolean;
  /** Its Patroni can be asked. */
  answers: boolean;
  /** What its Patroni believes. */
  paused: boolean;
  /** Its container runs. */
  contained: boolean;
}

/**
 * A cluster of servers that only exist here, in which things happen after a number of looks. What was asked of it is
 * in `calls`, in order.
 */
export class FakeServers {
  readonly servers: FakeServer[];
  readonly calls: string[] = [];
  /** What verbs have noted: `pause {}`. */
  readonly events: string[] = [];
  readonly clock = hastyClock();
  leader: string | undefined = "dev-1";
  config: Document = { loop_wait: 10, synchronous_mode: "quorum", synchronous_mode_strict: false };
  /** Looks that a copy, a start or a notice takes. */
  delay = 2;
  /** Members that PostgreSQL does not restart on. */
  readonly refuseRestartOf = new Set<string>();
  /** Members whose server does not stop in time. */
  readonly refuseStopOf = new Set<string>();
  /** Happens when a server restarts. */
  onRestart: (server: FakeServer) => void = () => undefined;
  private readonly coming: { looks: number; readonly happen: () => void }[] = [];

  constructor(count = 3) {
    this.servers = Array.from({ length: count }, (_, index) => ({
      name: `dev-${index + 1}`,
      state: "running",
      streams: index > 0,
      synchronous: index > 0,
      timeline: 3,
      started: 1,
      pendingRestart: false,
      answers: true,
      paused: false,
      contained: true,
    }));
  }

  server(name: string): FakeServer {
    const found = this.servers.find((one) => one.name === name);
    if (found === undefined) throw new Error(`no server ${name}`);
    return found;
  }

  /** Its PostgreSQL has ended. */
  down(name: string): void {
    Object.assign(this.server(name), { state: "stopped", streams: false, synchronous: false });
  }

  /** Its whole container has ended: Patroni forgets it. */
  gone(name: string): void {
    this.down(name);
    Object.assign(this.server(name), { answers: false, contained: false });
  }

  /** As after `stop`. */
  stopAll(): void {
    for (const server of this.servers) {
      this.down(server.name);
      server.paused = true;
    }
    this.leader = undefined;
    this.config = { ...this.config, pause: true, spilo: { stopped: true } };
  }

  get handle(): StopHandle {
    return {
      name: "dev",
      members: this.servers.map(({ name }) => {
        const place = { address: "10.0.0.1", postgresPort: 5432, engine: `engine of ${name}` };
        return { name, restUrl: `https://${name}`, ...place };
      }),
      replicas: [],
      synchronousStandbys: Math.min(1, this.servers.length - 1),
      patroni: this.patroni,
      execOn: (part) => this.exec(part),
      record: async (kind, detail) => {
        this.events.push(`${kind} ${JSON.stringify(detail)}`);
        return true;
      },
      clock: this.clock,
    };
  }

  private get patroni(): PatroniClient {
    const asked = (restUrl: string): FakeServer => {
      this.look();
      const server = this.server(new URL(restUrl).hostname);
      if (!server.answers) throw new ActionError("unreachable", `GET ${restUrl}: connect ECONNREFUSED`);
      return server;
    };
    return {
      cluster: async (restUrl) => {
        asked(restUrl);
        return this.view();
      },
      member: async (restUrl) => this.statusOf(asked(restUrl)),
      history: async () => [],
      config: async (restUrl) => {
        asked(restUrl);
        return this.config;
      },
      patchConfig: async (restUrl, patch) => {
        asked(restUrl);
        return this.patch(patch);
      },
      restart: async (restUrl) => this.restart(asked(restUrl)),
      reinitialize: async (restUrl) => this.reinitialize(asked(restUrl)),
    };
  }

  /** Another cluster. */
  private get follows(): boolean {
    return typeof this.config["standby_cluster"] === "object" && this.config["standby_cluster"] !== null;
  }

  private look(): void {
    for (const one of this.coming) one.looks -= 1;
    for (const one of this.coming.filter(({ looks }) => looks <= 0)) {
      this.coming.splice(this.coming.indexOf(one), 1);
      one.happen();
    }
  }

  private later(happen: () => void): void {
    this.coming.push({ looks: this.delay * this.servers.length, happen });
  }

  private view(): Awaited<ReturnType<PatroniClient["cluster"]>> {
    const known = this.servers.filter(({ answers }) => answers);
    return {
      members: known.map(({ name, state, streams, synchronous, timeline }) => {
        const leads = name === this.leader;
        const leading = this.follows ? "standby_leader" : "leader";
        const role = leads ? leading : synchronous && !this.follows ? "quorum_standby" : "replica";
        return { name, role, state: streams && !leads ? "streaming" : state, timeline };
      }),
    };
  }

  private statusOf(server: FakeServer): MemberStatus {
    const { name, state, streams, timeline, started, pendingRestart, paused } = server;
    const leads = name === this.leader;
    const running = state === "running";
    return {
      state,
      role: leads ? (this.follows ? "standby_leader" : "primary") : "replica",
      ...(running ? { timeline, postmaster_start_time: `start ${started}` } : {}),
      ...(running && leads ? { xlog: { location: 1000 } } : {}),
      ...(running && !leads ? { xlog: { received_location: 1000, replayed_location: 1000 } } : {}),
      ...((streams && !leads) || (running && leads && this.follows)
        ? { replication_state: "streaming" }
        : {}),
      ...(pendingRestart ? { pending_restart: true } : {}),
      ...(paused ? { pause: true } : {}),
    };
  }

  private patch(patch: Document): Document {
    const before = JSON.stringify(this.config);
    this.config = applyMergePatch(this.config, patch);
    if (JSON.stringify(this.config) === before) return this.config;
    this.calls.push(`PATCH ${JSON.stringify(patch)}`);
    const paused = this.config["pause"] === true;
    this.later(() => {
      for (const server of this.servers.filter(({ answers }) => answers)) server.paused = paused;
      if (!paused) this.startAll();
    });
    return this.config;
  }

  /** Patroni in charge has every server run. */
  private startAll(): void {
    for (const server of this.servers.filter(({ state, answers }) => answers && state === "stopped")) {
      this.leader ??= server.name;
      this.serve(server);
    }
  }

  private serve(server: FakeServer): void {
    const follows = server.name !== this.leader;
    server.started += 1;
    Object.assign(server, {
      state: "running",
      streams: follows,
      synchronous: follows,
      pendingRestart: false,
    });
  }

  private async restart(server: FakeServer): Promise<void> {
    this.calls.push(`restart ${server.name}`);
    await this.clock.sleep(700);
    if (this.refuseRestartOf.has(server.name)) {
      this.down(server.name);
      throw new ActionError("failed", "POST /restart: 503 restart failed");
    }
    Object.assign(server, { state: "running", streams: false, synchronous: false });
    this.onRestart(server);
    this.later(() => this.serve(server));
  }

  private reinitialize(server: FakeServer): void {
    this.calls.push(`reinitialize ${server.name}`);
    // The old server streams for a moment longer.
    this.later(() => {
      Object.assign(server, { state: "creating replica", streams: false, synchronous: false });
      this.later(() => this.serve(server));
    });
  }

  private exec(part: string): ContainerExec {
    return async (container, command, { user }) => {
      await turn();
      if (container !== part) throw new Error(`${container} is not on the engine of ${part}`);
      const server = this.server(container);
      if (!server.contained) throw new ActionError("unreachable", `${container}: container is not running`);
      this.calls.push(`${user} in ${container}: ${command.slice(0, 2).join(" ")}`);
      return this.stopServer(server);
    };
  }

  private stopServer(server: FakeServer): ExecResult {
    if (server.state !== "running") return { exitCode: 0, output: "no server runs\n", errors: "" };
    if (this.refuseStopOf.has(server.name)) {
      return { exitCode: 1, output: "waiting…", errors: "pg_ctl: server does not shut down\n" };
    }
    this.calls.push(`stop ${server.name}`);
    this.down(server.name);
    if (server.name === this.leader) this.leader = undefined;
    return { exitCode: 0, output: "server stopped\n", errors: "" };
  }
}

/** What a verb tells, a line each: `step dev-2 restarted`. */
export function listener(): { readonly narrator: Narrator; readonly lines: string[] } {
  const lines: string[] = [];
  const narrator: Narrator = {
    step: (text) => lines.push(`step ${text}`),
    note: (text) => lines.push(`note ${text}`),
    warn: (text) => lines.push(`warn ${text}`),
  };
  return { narrator, lines };
}
