import { createServer, type Server } from "node:https";
import { z } from "zod";
import type { VoterPlace } from "../../actions/voters/has-joined.ts";
import type { VoterTools } from "../../actions/voters/tools.ts";
import { bodyOf, close, listen } from "./local-server.ts";
import { serverTls } from "./test-access.ts";

interface Listed {
  readonly ID: string;
  name?: string;
  readonly peerURLs: string[];
  isLearner?: boolean;
}

interface FakeVoter {
  readonly name: string;
  readonly peerUrl: string;
  readonly server: Server;
  url: string;
  /** Its container. */
  runs: boolean;
  hasData: boolean;
  configuration: string;
  /** Entries that it has carried out. */
  applied: number;
  /** Its id in etcd, as what is on its disk says. */
  id: string | undefined;
}

const sent = z.object({
  ID: z.string().default(""),
  peerURLs: z.array(z.string()).default([]),
  name: z.string().default(""),
  password: z.string().default(""),
});

const declared = "name: x\ninitial-cluster: declared\ninitial-cluster-state: new\n";

/**
 * Three etcd voters and their containers. A voter is healthy while its container runs, its data is of somebody who is
 * listed, and a majority of those that have a vote is in the same state.
 */
export class FakeVoters {
  readonly voters: FakeVoter[] = [];
  listed: Listed[] = [];
  /** What was done, in order: `remove 11`, `stop m-etcd-2`. */
  readonly calls: string[] = [];
  /** Of root; undefined: authentication is off. */
  password: string | undefined = "root-secret";
  committed = 1000;
  /** How often a learner is not in step yet. */
  lag = 0;
  /** After so many calls, the next one fails. */
  breakAfter = Number.POSITIVE_INFINITY;
  private ids = 20;

  async start(): Promise<this> {
    for (const number of [1, 2, 3]) {
      const name = `m-etcd-${number}`;
      const peerUrl = `https://10.0.0.${number}:2380`;
      const server = createServer(serverTls, async (request, response) => {
        const text = await bodyOf(request);
        const { status, body } = this.answer(this.voter(name), request.url ?? "", text);
        response.writeHead(status).end(JSON.stringify(body));
      });
      const id = String(10 + number);
      const state = { runs: true, hasData: true, configuration: declared, applied: this.committed, id };
      this.voters.push({ name, peerUrl, server, url: await listen(server), ...state });
      this.listed.push({ ID: id, name, peerURLs: [peerUrl] });
    }
    return this;
  }

  async stop(): Promise<void> {
    for (const { server } of this.voters) await close(server);
  }

  voter(name: string): FakeVoter {
    const found = this.voters.find((one) => one.name === name);
    if (found === undefined) throw new Error(`no voter ${name}`);
    return found;
  }

  /** As resources know them. */
  get places(): (VoterPlace & { readonly engine: string })[] {
    return this.voters.map(({ name, url, peerUrl }) => ({ name, url, peerUrl, engine: "unix:///engine" }));
  }

  get declared(): string {
    return declared;
  }

  /** Its container was made anew, on an empty volume: etcd does not start there. */
  loseData(name: string): void {
    Object.assign(this.voter(name), { hasData: false, id: undefined, applied: 0 });
  }

  /** The engine, as `voterTools` reaches it. */
  tools(voter: string): VoterTools {
    return {
      container: (name) => ({
        runs: async () => this.voter(name).runs,
        hasData: async () => this.voter(name).hasData,
        stop: async () => this.does(`stop ${name}`, () => Object.assign(this.voter(name), { runs: false })),
        start: async () => this.does(`start ${name}`, () => this.starts(this.voter(name))),
        dropData: async () => {
          if (this.voter(name).runs) throw new Error(`${name} still runs`);
          this.does(`drop the data of ${name}`, () => this.loseData(name));
        },
      }),
      configure: async (content) => {
        if (this.voter(voter).configuration === content) return;
        this.does(`configure ${voter}`, () => Object.assign(this.voter(voter), { configuration: content }));
      },
    };
  }

  private does(call: string, work: () => unknown): void {
    if (this.calls.length >= this.breakAfter) throw new Error("cut off");
    this.calls.push(call);
    work();
  }

  private starts(voter: FakeVoter): void {
    voter.runs = true;
    const joins = voter.configuration.includes("initial-cluster-state: existing");
    const own = this.listed.find(({ peerURLs }) => peerURLs.includes(voter.peerUrl));
    if (voter.hasData || own === undefined || !joins) return;
    const all = this.listed.flatMap(({ name, peerURLs }) => `${name ?? voter.name}=${peerURLs[0]}`).join(",");
    if (!voter.configuration.includes(`initial-cluster: ${all}\n`)) return;
    own.name = voter.name;
    Object.assign(voter, { hasData: true, id: own.ID, applied: this.committed });
  }

  private isUp({ runs, hasData, id }: FakeVoter): boolean {
    return runs && hasData && this.listed.some(({ ID, name }) => ID === id && name !== undefined);
  }

  private get hasQuorum(): boolean {
    const votes = this.listed.filter(({ isLearner }) => isLearner !== true);
    const up = votes.filter(({ ID }) => this.voters.some((one) => one.id === ID && this.isUp(one)));
    return up.length > votes.length / 2;
  }

  private answer(voter: FakeVoter, url: string, text: string): { status: number; body: object } {
    if (!this.isUp(voter)) return { status: 503, body: { health: "false", reason: "down" } };
    if (url === "/health" && this.hasQuorum) return { status: 200, body: { health: "true" } };
    if (url === "/health") return { status: 503, body: { health: "false", reason: "RAFT NO LEADER" } };
    if (url !== "/v3/maintenance/status" && !this.hasQuorum) return { status: 503, body: {} };
    const { ID, peerURLs, name, password } = sent.parse(JSON.parse(text));
    switch (url) {
      case "/v3/auth/authenticate":
        return this.authenticate(name, password);
      case "/v3/maintenance/status":
        return yes({
          header: { member_id: voter.id },
          raftIndex: String(this.committed),
          raftAppliedIndex: String(voter.applied),
        });
      case "/v3/cluster/member/list":
        return yes({ members: this.listed });
      case "/v3/cluster/member/remove":
        return this.change(`remove ${ID}`, () => {
          this.listed = this.listed.filter((one) => one.ID !== ID);
        });
      case "/v3/cluster/member/add":
        return this.change("add a learner", () => {
          this.ids += 1;
          this.listed.push({ ID: String(this.ids), peerURLs, isLearner: true });
        });
      case "/v3/cluster/member/promote":
        this.lag -= 1;
        if (this.lag >= 0) return no("can only promote a learner member which is in sync with leader");
        return this.change(`promote ${ID}`, () => {
          for (const one of this.listed) if (one.ID === ID) delete one.isLearner;
        });
      default:
        return { status: 404, body: {} };
    }
  }

  private change(call: string, work: () => unknown): { status: number; body: object } {
    try {
      this.does(call, work);
      return yes({});
    } catch {
      return { status: 400, body: { message: "cut off" } };
    }
  }

  private authenticate(name: string, password: string): { status: number; body: object } {
    if (this.password === undefined) return no("authentication is not enabled");
    if (name !== "root" || password !== this.password) {
      return no("authentication failed, invalid user ID or password");
    }
    return yes({ token: "token" });
  }
}

function yes(body: object): { status: number; body: object } {
  return { status: 200, body };
}

function no(message: string): { status: number; body: object } {
  return { status: 400, body: { message: `etcdserver: ${message}` } };
}
