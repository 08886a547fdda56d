import { z } from "zod";
import type { ClusterAccess } from "../access.ts";
import { ActionError } from "../action-error.ts";
import { etcdGateway } from "../etcd/etcd-gateway.ts";
import type { ClusterHandle } from "../handle.ts";
import { type HttpFetch, httpsFetch, peerOf } from "../https-fetch.ts";
import { connectionFailure } from "../sql/connection-failure.ts";
import { wayIsOpen } from "../way/open-way.ts";
import { ASK_MS, ask } from "./ask.ts";

/** An etcd voter as it was found. */
export interface VoterReport {
  readonly name: string;
  /** It answers, knows a leader, and has no alarm. */
  readonly healthy: boolean;
  /** Why it is not healthy. */
  readonly reason: string | null;
  /** Whether etcd's own leader is this one; null: it does not say. */
  readonly leads: boolean | null;
  /** Bytes of its database on disk; null: it does not say. */
  readonly dbSizeBytes: number | null;
  /** Of etcd's own names: NOSPACE, CORRUPT. */
  readonly alarms: readonly string[];
}

/**
 * Asks each voter for itself: one that does not answer is a finding like any other.
 *
 * @param fetch what asks; whoever looks often has its connections last from one look to the next.
 */
export async function observeVoters(
  { voters, access }: Pick<ClusterHandle, "voters" | "access">,
  askMs: number = ASK_MS,
  fetch: HttpFetch = httpsFetch(access),
): Promise<readonly VoterReport[]> {
  return Promise.all(
    voters.map(async ({ name, url }) => {
      const asked = await ask(() => observeVoter({ name, url, access, fetch, timeoutMs: askMs }), askMs);
      if ("known" in asked) return asked.known;
      return { name, healthy: false, reason: asked.unknown, leads: null, dbSizeBytes: null, alarms: [] };
    }),
  );
}

interface Voter {
  readonly name: string;
  readonly url: string;
  readonly access: ClusterAccess;
  readonly fetch: HttpFetch;
  readonly timeoutMs: number;
}

async function observeVoter(voter: Voter): Promise<VoterReport> {
  const [health, state] = await Promise.all([readHealth(voter), readState(voter)]);
  const alarms = [...new Set([...health.alarms, ...state.alarms])].sort();
  const healthy = health.healthy && alarms.length === 0;
  const reason = healthy ? null : (health.reason ?? alarms.map((alarm) => `alarm ${alarm}`).join(", "));
  return {
    name: voter.name,
    healthy,
    reason,
    leads: state.leads,
    dbSizeBytes: state.dbSizeBytes,
    alarms,
  };
}

const healthAnswer = z.object({ health: z.string(), reason: z.string().optional() });

interface Health {
  readonly healthy: boolean;
  readonly reason: string | undefined;
  readonly alarms: readonly string[];
}

/** Open to everybody whom etcd talks to at all. It tells of one alarm at most. */
async function readHealth(voter: Voter): Promise<Health> {
  const text = await get(voter, "/health");
  const { health, reason = "" } = healthAnswer.parse(JSON.parse(text));
  const [, alarm] = /^ALARM (\w+)/.exec(reason) ?? [];
  return {
    healthy: health === "true",
    reason: reason === "" ? undefined : reason,
    alarms: alarm === undefined ? [] : [alarm],
  };
}

interface State {
  readonly leads: boolean | null;
  readonly dbSizeBytes: number | null;
  readonly alarms: readonly string[];
}

const statusAnswer = z.object({
  header: z.object({ member_id: z.string() }),
  leader: z.string().optional(),
  dbSize: z.string().optional(),
  errors: z.array(z.string()).optional(),
});

/**
 * Some versions of etcd answer this to everybody, others to root alone. The password of root is in no output, so those
 * are asked for their metrics, which are open.
 */
async function readState(voter: Voter): Promise<State> {
  const { url, access, fetch, timeoutMs } = voter;
  const gateway = etcdGateway({ endpoints: [url], access, fetch, timeoutMs });
  const answer = await gateway.ask("maintenance/status", {});
  if ("refusal" in answer) return metricsState(await get(voter, "/metrics"));
  const { header, leader, dbSize, errors = [] } = statusAnswer.parse(answer.body);
  return {
    leads: leader === undefined ? false : leader === header.member_id,
    dbSizeBytes: dbSize === undefined ? null : Number(dbSize),
    alarms: errors.flatMap((error) => /alarm:(\w+)/.exec(error)?.[1] ?? []),
  };
}

/** @param text in the form of Prometheus. */
function metricsState(text: string): State {
  const value = (name: string) => {
    const [, found] = new RegExp(`^${name} (\\S+)$`, "m").exec(text) ?? [];
    return found === undefined ? undefined : Number(found);
  };
  const [leads, size] = [value("etcd_server_is_leader"), value("etcd_mvcc_db_total_size_in_bytes")];
  return { leads: leads === undefined ? null : leads === 1, dbSizeBytes: size ?? null, alarms: [] };
}

/** An unhealthy voter answers with 503, and says why. */
async function get({ url, access, fetch, timeoutMs }: Voter, path: string): Promise<string> {
  try {
    await wayIsOpen(access);
    const response = await fetch(`${url}${path}`, { method: "GET", signal: AbortSignal.timeout(timeoutMs) });
    const text = await response.text();
    if (response.ok || response.status === 503) return text;
    throw new ActionError("failed", `GET ${url}${path}: ${response.status}`);
  } catch (error) {
    if (error instanceof ActionError) throw error;
    throw await connectionFailure(error, {
      what: `GET ${url}${path}`,
      peer: peerOf(url, access.way),
      access,
    });
  }
}
