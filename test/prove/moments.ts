import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import { leaderOf } from "../../actions/patroni/find-cluster.ts";
import { patroniClient } from "../../actions/patroni/patroni-client.ts";
import { waitFor } from "../../actions/wait.ts";
import { connectEngine } from "../../toolchain/engine.ts";
import type { LiveCluster } from "../live/cluster-view.ts";

/** A cluster whose update is watched. */
export interface Watched {
  readonly name: string;
  readonly cluster: LiveCluster;
  /** Nobody waits any more. */
  readonly signal: AbortSignal;
}

/** Resolves when the moment has come; is to be called before the update begins. */
type Moment = (watched: Watched) => Promise<void>;

/** All members are replaced within that. */
const DEADLINE_MS = 6 * 60_000;

/** What waits for a member is at work by then, and the member is not there yet. */
const WAITING_MS = 1_500;

/** The moments of a rolling update, by what can be seen of it from outside. */
export const moments = {
  /** The leadership changes hands: somebody else has it, and the former leader does not follow yet. */
  "hand-over": async ({ cluster, signal }) => {
    const former = await cluster.leader();
    await until("the leader hands over", signal, async () => {
      const leader = leaderOf(await cluster.view());
      return leader?.name !== former || leader.state !== "running";
    });
  },
  /** A member's container has been told to end. */
  delete: (watched) => memberEvent(watched, "kill"),
  /** The next one is there, and has not started. */
  create: (watched) => memberEvent(watched, "create"),
  /** It has started, and is waited for. */
  waiting: async (watched) => {
    await memberEvent(watched, "start");
    await pause(WAITING_MS);
  },
  /** The dynamic settings are another: what they take, a reload or restarts, is yet to come. */
  "/config": async ({ cluster, signal }) => {
    const patroni = patroniClient(cluster.patroni);
    const [restUrl = ""] = cluster.restUrls;
    const settings = async () => JSON.stringify(await patroni.config(restUrl));
    const before = await settings();
    await until("the dynamic settings change", signal, async () => (await settings()) !== before);
  },
} as const satisfies Readonly<Record<string, Moment>>;

export type MomentName = keyof typeof moments;

async function until(what: string, signal: AbortSignal, isThere: () => Promise<boolean>): Promise<void> {
  await waitFor({ what, deadlineMs: DEADLINE_MS, everyMs: 50, signal }, async () =>
    (await isThere()) ? { found: true } : { pending: "nothing happens" },
  );
}

const event = z.object({ Actor: z.object({ Attributes: z.object({ name: z.string().optional() }) }) });

/** The engine's first word of that kind about a container of a member. */
async function memberEvent({ name, signal }: Watched, action: string): Promise<void> {
  const filters = { type: ["container"], event: [action], label: [`pulumi-spilo.cluster=${name}`] };
  const stream = await connectEngine().getEvents({ filters: JSON.stringify(filters) });
  const ended = new AbortController();
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(DEADLINE_MS), ended.signal]);
  const lines = createInterface({ input: stream });
  try {
    await new Promise<void>((resolve, reject) => {
      lines.on("line", (line) => {
        const container = event.parse(JSON.parse(line)).Actor.Attributes.name ?? "";
        if (container.startsWith(`${name}-`) && /^\d+$/.test(container.slice(name.length + 1))) resolve();
      });
      once(deadline, "abort").then(
        () => reject(new Error(`no ${action} of a member's container within ${DEADLINE_MS / 1000} s`)),
        reject,
      );
    });
  } finally {
    ended.abort();
    lines.close();
    if ("destroy" in stream && typeof stream.destroy === "function") stream.destroy();
  }
}
