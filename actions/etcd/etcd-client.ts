import { z } from "zod";
import { type EtcdGatewayOptions, etcdGateway } from "./etcd-gateway.ts";

/** A key as etcd holds it; `revision` 0 means that there is none. */
interface EtcdKey {
  readonly value: string | undefined;
  readonly revision: number;
}

/** Keys in etcd, as far as they are used here. Every call needs a quorum of voters. */
export interface EtcdClient {
  get(key: string): Promise<EtcdKey>;
  /** Writes only if the key is still at that revision; false when somebody was faster. */
  putIfUnchanged(key: string, value: string, revision: number): Promise<boolean>;
  /** Whether it was there or not. */
  remove(key: string): Promise<void>;
}

const rangeAnswer = z.object({
  kvs: z.array(z.object({ value: z.string().optional(), mod_revision: z.string() })).optional(),
});
const transactionAnswer = z.object({ succeeded: z.boolean().optional() });

/** A client of all voters. With `login` it is somebody, and logs in again when it has to. */
export function etcdClient(options: EtcdGatewayOptions): EtcdClient {
  const etcd = etcdGateway(options);
  return {
    get: async (key) => {
      const answer = rangeAnswer.parse(await etcd.require("kv/range", { key: base64(key) }));
      const [found] = answer.kvs ?? [];
      if (found === undefined) return { value: undefined, revision: 0 };
      const value = Buffer.from(found.value ?? "", "base64").toString("utf8");
      return { value, revision: Number(found.mod_revision) };
    },
    putIfUnchanged: async (key, value, revision) => {
      const answer = await etcd.require("kv/txn", {
        compare: [{ key: base64(key), target: "MOD", mod_revision: String(revision), result: "EQUAL" }],
        success: [{ request_put: { key: base64(key), value: base64(value) } }],
      });
      return transactionAnswer.parse(answer).succeeded ?? false;
    },
    remove: async (key) => void (await etcd.require("kv/deleterange", { key: base64(key) })),
  };
}

/** A key or value as the gateway takes it. */
export function base64(text: string | Buffer): string {
  return Buffer.from(text).toString("base64");
}
