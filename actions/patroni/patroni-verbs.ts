import { z } from "zod";
import { ActionError } from "../action-error.ts";
import { httpsFetch } from "../https-fetch.ts";
import {
  type Answer,
  type Document,
  type PatroniClientOptions,
  request,
  unexpected,
} from "./patroni-client.ts";

/**
 * What changes who leads, through Patroni's REST API. Needs credentials.
 *
 * @see https://patroni.readthedocs.io/en/latest/rest_api.html#switchover-and-failover-endpoints
 */
export interface PatroniVerbs {
  /** GET /primary: does this member lead, by the key in the DCS and by its own PostgreSQL? */
  primary(restUrl: string): Promise<Primary>;
  /**
   * POST /switchover: the leader shuts down in good order, and the candidate takes over. Asked of the leader, it begins
   * at once. Without a time it returns when the roles have changed; with one, when it is noted down.
   *
   * @returns Patroni's own words.
   * @throws ActionError `refused` when Patroni does not begin, `failed` when it does and does not succeed.
   */
  switchover(restUrl: string, wish: PatroniSwitchover): Promise<string>;
  /** DELETE /switchover: takes back the one that is scheduled. @returns false when there is none. */
  cancelSwitchover(restUrl: string): Promise<boolean>;
  /** POST /failover: the candidate takes over, whatever it has. @throws as `switchover` does. */
  failover(restUrl: string, candidate: string): Promise<string>;
}

/** How far a member has come on its way to lead. */
export interface Primary {
  /** It has the leader's key. */
  readonly leads: boolean;
  /** It leads, and its PostgreSQL is out of recovery: the former comes a moment before the latter. */
  readonly takesWrites: boolean;
  readonly timeline?: number;
}

export interface PatroniSwitchover {
  readonly leader: string;
  /** @default whom Patroni chooses */
  readonly candidate?: string;
  /** ISO 8601 with a zone. @default now */
  readonly scheduledAt?: string;
}

/** Patroni itself gives up after twice `loop_wait`, and twenty seconds at least. */
const ROLE_CHANGE_TIMEOUT_MS = 60_000;

const status = z.object({ role: z.string().optional(), timeline: z.number().optional() });

export function patroniVerbs(options: PatroniClientOptions): PatroniVerbs {
  const tools = { ...options, fetch: options.fetch ?? httpsFetch(options.access) };
  const ask = (method: string, url: string, body?: Document, timeoutMs = options.timeoutMs ?? 5000) =>
    request(tools, { method, url, body, timeoutMs });
  return {
    primary: async (restUrl) => primaryIn(await ask("GET", `${restUrl}/primary`)),
    switchover: async (restUrl, { leader, candidate, scheduledAt }) => {
      const body = {
        leader,
        ...(candidate === undefined ? {} : { candidate }),
        ...(scheduledAt === undefined ? {} : { scheduled_at: scheduledAt }),
      };
      return accepted(await ask("POST", `${restUrl}/switchover`, body, ROLE_CHANGE_TIMEOUT_MS));
    },
    cancelSwitchover: async (restUrl) => {
      const answer = await ask("DELETE", `${restUrl}/switchover`, {});
      if (answer.status === 404) return false;
      accepted(answer);
      return true;
    },
    failover: async (restUrl, candidate) =>
      accepted(await ask("POST", `${restUrl}/failover`, { candidate }, ROLE_CHANGE_TIMEOUT_MS)),
  };
}

/** Patroni answers 200 to the one that leads, 503 to all others, and says to both how its PostgreSQL is. */
function primaryIn(answer: Answer): Primary {
  if (answer.status !== 200 && answer.status !== 503) throw unexpected(answer);
  const leads = answer.status === 200;
  const { role, timeline } = statusIn(answer.text);
  return {
    leads,
    takesWrites: leads && (role === "primary" || role === "master"),
    ...(timeline === undefined ? {} : { timeline }),
  };
}

function statusIn(text: string): z.infer<typeof status> {
  try {
    return status.safeParse(JSON.parse(text)).data ?? {};
  } catch {
    return {}; // a proxy's own page, or none: the status has said enough
  }
}

/** Patroni did not begin what it was asked for: nothing has changed. */
export function isPatronisRefusal(error: unknown): error is ActionError {
  return error instanceof ActionError && error.code === "refused" && error.message.startsWith(SAYS);
}

const SAYS = "Patroni: ";

/** Patroni's words; 412 and other refusals of what was asked change nothing. */
function accepted(answer: Answer): string {
  const { status, text } = answer;
  const said = text.trim().slice(0, 200) || `status ${status}`;
  if (status === 200 || status === 202) return text.trim();
  if ([400, 409, 412, 422].includes(status)) {
    throw new ActionError("refused", `${SAYS}${said}`);
  }
  if (status === 503) throw new ActionError("failed", `${SAYS}${said}`);
  throw unexpected(answer);
}
