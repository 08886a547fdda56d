import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import { isDeepStrictEqual } from "node:util";
import type { MemberAddress } from "../../actions/patroni/find-cluster.ts";
import type { Document } from "../../actions/patroni/patroni-client.ts";
import type { InForce, ReadInForce } from "../../actions/settings/in-force.ts";
import { applyMergePatch, type JsonObject } from "../../cluster/settings/merge-patch.ts";
import { bodyOf, close, listen } from "./local-server.ts";
import { serverTls } from "./test-access.ts";

/** Parameters of the fake servers: those that a restart takes, and one that a reload does. */
const restartParameters = ["max_connections", "max_worker_processes", "wal_level"];
const five = ["max_connections", "max_worker_processes"];

interface FakeMember {
  readonly name: string;
  state: string;
  /** Patroni's. @default none */
  tags?: JsonObject;
  /** Of what a standby streams; null: it does not. @default streaming */
  replicationState?: string | null;
  inForce: Record<string, string>;
  /** What pg_controldata of a standby says. */
  controlData: Record<string, string>;
  /** Bytes replayed; the leader's is its position. */
  position: number;
  server: Server;
  url: string;
}

export interface FakeClusterOptions {
  readonly members?: number;
  readonly parameters?: Record<string, string | number>;
  /** Looks at a standby's position that a record of the leader takes to arrive. @default 0 */
  readonly replayAfterLooks?: number;
}

const initial = { max_connections: 100, max_worker_processes: 8, wal_level: "replica", work_mem: "4096" };

/**
 * Patroni as a cluster of real HTTPS servers, which answer nobody without a certificate: `/config` reaches every member at once, a restart brings values into
 * force, and a standby never starts with less than its pg_controldata says.
 */
export class FakeCluster {
  readonly members: FakeMember[] = [];
  /** What was asked of it, in order: `PATCH {…}`, `restart m-2`. */
  readonly calls: string[] = [];
  /** How often a PATCH changed nothing. */
  wakeUps = 0;
  config: JsonObject;
  leader = "m-1";
  readonly refuseRestartOf = new Set<string>();
  readonly ignoreRestartOf = new Set<string>();
  private readonly replayAfterLooks: number;
  private readonly looks = new Map<string, number>();

  constructor(options: FakeClusterOptions = {}) {
    const parameters = { ...initial, ...options.parameters };
    this.config = { loop_wait: 10, pause: false, postgresql: { use_slots: true, parameters } };
    this.replayAfterLooks = options.replayAfterLooks ?? 0;
    for (let index = 1; index <= (options.members ?? 3); index += 1) {
      const inForce = Object.fromEntries(
        Object.entries(parameters).map(([name, value]) => [name, String(value)]),
      );
      const name = `m-${index}`;
      const server = createServer(
        serverTls,
        (request, response) => void this.answer(name, request, response),
      );
      const controlData = { ...inForce };
      const place = { server, url: "" };
      this.members.push({ name, state: "running", inForce, controlData, position: 1000, ...place });
    }
  }

  async start(): Promise<this> {
    for (const member of this.members) member.url = await listen(member.server);
    return this;
  }

  async stop(): Promise<void> {
    for (const { server } of this.members) await close(server);
  }

  /** Addresses as a plan has them; the port of PostgreSQL is the member's number. */
  get addresses(): MemberAddress[] {
    return this.members.map(({ name, url }, index) => ({
      name,
      restUrl: url,
      host: "127.0.0.1",
      port: index + 1,
    }));
  }

  get readInForce(): ReadInForce {
    return async ({ port }, names) => {
      const member = this.members[port - 1];
      if (member === undefined) throw new Error(`no member ${port}`);
      return names.flatMap((name) => this.row(member, name));
    };
  }

  /** The order in which members were restarted. */
  get restarts(): string[] {
    return this.calls
      .filter((call) => call.startsWith("restart "))
      .map((call) => call.slice("restart ".length));
  }

  /** Somebody stops a member's PostgreSQL. */
  stopMember(name: string): void {
    this.member(name).state = "stopped";
  }

  member(name: string): FakeMember {
    const found = this.members.find((member) => member.name === name);
    if (found === undefined) throw new Error(`no member ${name}`);
    return found;
  }

  /** What each member has in force of one parameter. */
  inForce(parameter: string): string[] {
    return this.members.map(({ inForce }) => inForce[parameter] ?? "");
  }

  private get parameters(): Record<string, string> {
    const { postgresql } = this.config;
    const { parameters } = isObject(postgresql) ? postgresql : {};
    const entries = Object.entries(isObject(parameters) ? parameters : {});
    return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]));
  }

  private row(member: FakeMember, name: string): InForce[] {
    const setting = member.inForce[name];
    if (setting === undefined) return [];
    const number = name !== "wal_level";
    return [
      {
        name,
        setting,
        unit: name === "work_mem" ? "kB" : null,
        vartype: number ? "integer" : "enum",
        context: restartParameters.includes(name) ? "postmaster" : "user",
        source: "configuration file",
        pendingRestart: false,
        sourceFile: "/data/postgresql.conf",
      },
    ];
  }

  private pending(member: FakeMember): string[] {
    return restartParameters.filter((name) => (this.parameters[name] ?? "") !== (member.inForce[name] ?? ""));
  }

  private async answer(name: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const send = (status: number, body: unknown) => {
      response.writeHead(status, { "content-type": "application/json" });
      response.end(typeof body === "string" ? body : JSON.stringify(body));
    };
    const text = await bodyOf(request);
    const route = `${request.method} ${request.url}`;
    const member = this.member(name);
    if (route === "GET /cluster") return send(200, this.view());
    if (route === "GET /config") return send(200, this.config);
    if (route === "GET /patroni") return send(member.state === "running" ? 200 : 503, this.status(member));
    const expected = `Basic ${Buffer.from("rest:secret").toString("base64")}`;
    if (request.headers.authorization !== expected) return send(401, "no auth header received");
    if (route === "PATCH /config") return send(200, this.patch(text));
    if (route === "POST /restart") return this.restart(member, send);
    return send(404, "no such path");
  }

  private view(): Document {
    return {
      members: this.members.map((member, index) => {
        const leads = member.name === this.leader;
        const running = leads ? "running" : "streaming";
        return {
          name: member.name,
          role: leads ? "leader" : member.tags?.["nosync"] === true ? "replica" : "quorum_standby",
          state: member.state === "running" ? running : member.state,
          api_url: `${member.url}/patroni`,
          host: "127.0.0.1",
          port: index + 1,
          ...(member.tags === undefined ? {} : { tags: member.tags }),
          ...this.pendingFields(member),
        };
      }),
    };
  }

  private pendingFields(member: FakeMember): Document {
    const names = this.pending(member);
    if (names.length === 0) return {};
    const reasons = names.map((name) => {
      return [
        name,
        { old_value: member.inForce[name] ?? "", new_value: this.parameters[name] ?? "" },
      ] as const;
    });
    return { pending_restart: true, pending_restart_reason: Object.fromEntries(reasons) };
  }

  private status(member: FakeMember): Document {
    const leads = member.name === this.leader;
    if (!leads) this.replay(member);
    return {
      state: member.state,
      role: leads ? "primary" : "replica",
      ...(leads || member.replicationState === null
        ? {}
        : { replication_state: member.replicationState ?? "streaming" }),
      xlog: leads ? { location: member.position } : { replayed_location: member.position },
      ...this.pendingFields(member),
    };
  }

  private replay(member: FakeMember): void {
    const leader = this.members.find(({ name }) => name === this.leader);
    if (leader === undefined) return;
    if (member.position >= leader.position) return;
    const seen = (this.looks.get(member.name) ?? 0) + 1;
    this.looks.set(member.name, seen);
    if (seen <= this.replayAfterLooks) return;
    member.position = leader.position;
    for (const name of five) member.controlData[name] = leader.inForce[name] ?? "";
  }

  private patch(text: string): JsonObject {
    const patch: unknown = JSON.parse(text);
    const changed = applyMergePatch(this.config, isObject(patch) ? patch : {});
    if (isDeepStrictEqual(changed, this.config)) {
      this.wakeUps += 1;
      return this.config;
    }
    this.calls.push(`PATCH ${text}`);
    this.config = changed;
    for (const member of this.members) {
      if (member.state !== "running") continue;
      const workMem = this.parameters["work_mem"] ?? "4096";
      member.inForce["work_mem"] = workMem.endsWith("MB")
        ? String(Number.parseInt(workMem, 10) * 1024)
        : workMem;
    }
    return this.config;
  }

  private restart(member: FakeMember, send: (status: number, body: string) => void): void {
    this.calls.push(`restart ${member.name}`);
    if (this.refuseRestartOf.has(member.name)) {
      member.state = "start failed";
      send(503, "restart failed");
      return;
    }
    if (!this.ignoreRestartOf.has(member.name)) this.bringIntoForce(member);
    send(200, "restarted successfully");
  }

  private bringIntoForce(member: FakeMember): void {
    const leads = member.name === this.leader;
    for (const name of restartParameters) {
      const wanted = this.parameters[name] ?? "";
      const floor = leads || !five.includes(name) ? wanted : (member.controlData[name] ?? wanted);
      member.inForce[name] = Number(floor) > Number(wanted) ? floor : wanted;
    }
    if (leads) member.position += 100;
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
