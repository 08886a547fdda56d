import { z } from "zod";
import { ActionError, reasonOf } from "./action-error.ts";

/** A key as etcd holds it; `revision` 0 means that there is none. */
interface EtcdKey {
  readonly value: string | undefined;
  readonly revision: number;
}

/**
 * etcd's v3 API through its JSON gateway, as far as it is used here. Every call needs a quorum of voters.
 *
 * @see https://etcd.io/docs/v3.5/dev-guide/api_grpc_gateway/
 */
export interface EtcdClient {
  get(key: string): Promise<EtcdKey>;
  /** Writes only if the key is still at that revision; false when somebody was faster. */
  putIfUnchanged(key: string, value: string, revision: number): Promise<boolean>;
}

export interface EtcdClientOptions {
  /** Client URLs of the voters; the first that answers is used. */
  readonly endpoints: readonly string[];
  readonly fetch?: typeof fetch;
  /** For one question to one voter. @default 3000 */
  readonly timeoutMs?: number;
}

const rangeAnswer = z.object({
  kvs: z.array(z.object({ value: z.string().optional(), mod_revision: z.string() })).optional(),
});
const transactionAnswer = z.object({ succeeded: z.boolean().optional() });

export function etcdClient(options: EtcdClientOptions): EtcdClient {
  return {
    get: async (key) => {
      const answer = rangeAnswer.parse(await call(options, "range", { key: base64(key) }));
      const [found] = answer.kvs ?? [];
      if (found === undefined) return { value: undefined, revision: 0 };
      const value = Buffer.from(found.value ?? "", "base64").toString("utf8");
      return { value, revision: Number(found.mod_revision) };
    },
    putIfUnchanged: async (key, value, revision) => {
      const answer = await call(options, "txn", {
        compare: [{ key: base64(key), target: "MOD", mod_revision: String(revision), result: "EQUAL" }],
        success: [{ request_put: { key: base64(key), value: base64(value) } }],
      });
      return transactionAnswer.parse(answer).succeeded ?? false;
    },
  };
}

/** @throws ActionError `unreachable` when no voter answers with a quorum behind it. */
async function call(options: EtcdClientOptions, verb: "range" | "txn", body: object): Promise<unknown> {
  const reasons: string[] = [];
  for (const endpoint of options.endpoints) {
    try {
      const response = await (options.fetch ?? fetch)(`${endpoint}/v3/kv/${verb}`, {
        method: "POST",
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(options.timeoutMs ?? 3000),
      });
      if (response.ok) return await response.json();
      reasons.push(`${endpoint}: ${response.status} ${(await response.text()).trim().slice(0, 120)}`);
    } catch (error) {
      reasons.push(`${endpoint}: ${reasonOf(error)}`);
    }
  }
  throw new ActionError("unreachable", `no etcd voter answers (${reasons.join("; ")})`);
}

function base64(text: string): string {
  return Buffer.from(text, "utf8").toString("base64");
}
